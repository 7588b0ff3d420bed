import { checkExpression } from '../cel/check.ts'
import { CONTEXTS } from '../cel/program.ts'
import { readableOf } from '../readable.ts'
import type { Advice } from './advice.ts'
import { placeIn } from './place.ts'

export const templateVariable: Advice = {
  name: 'template-variable',
  level: 'error',
  finds:
    'A variable of a template that nobody supplies: '
    + 'a field of handoff, discovery, config or onboarding that is not there.',
  instead: 'The document could not be written. Correct the name, or add the field to the schema.',
  check({ draft, at }) {
    const readable = readableOf(draft)
    for (const { file, text } of draft.others.values()) {
      if (!file.endsWith('.liquid')) continue
      const content = text()
      for (const { index, 1: before = '', 2: path = '' } of content.matchAll(/(\{\{-?\s*)([a-z_]\w*(?:\.\w+)+)/gi)) {
        if (!(CONTEXTS as readonly string[]).includes(path.split('.')[0] ?? '')) continue
        const [found] = checkExpression(path.split('.').join('.?'), readable).findings
        if (found !== undefined) at({ file, ...placeIn(content, index + before.length) }, `${path}: ${found.message}`)
      }
    }
  },
}
