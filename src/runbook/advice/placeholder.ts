import type { Advice } from './advice.ts'
import { textsOf } from './scalars.ts'

const EXPRESSIONS: readonly string[] = ['when', 'for_each', 'by', 'at']

export const placeholder: Advice = {
  name: 'placeholder',
  level: 'warning',
  finds: 'A text that somebody was to replace: [tenant-id-from-step-1], <your domain>, TODO, TBD.',
  instead: 'It would be used as it is. Write the value, or an expression that reads it.',
  check({ draft, at }) {
    for (const { document, key, node } of textsOf(draft)) {
      if (key !== null && EXPRESSIONS.includes(key)) continue
      const [found] = /^\s*(?:\[[^\]'"]{2,80}\]|<[^<>@]{2,80}>)\s*$|\b(?:TODO|TBD|FIXME)\b/.exec(node.value) ?? []
      if (found !== undefined) at(document.position(node.offset), `'${found.trim()}' was to be replaced`)
    }
  },
}
