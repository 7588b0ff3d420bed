import { SAMPLES } from '../documents/samples.ts'
import { findTemplates } from '../../src/documents/find.ts'
import { compile, TRIED } from '../../src/documents/template.ts'
import { inTurns, median } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine } from './report.ts'
import type { Section } from './report.ts'

/** Rendering in process: a template that was read before, and its first reading. */
export async function benchDocuments(_place: Place, rounds: number): Promise<Section> {
  const file = await findTemplates(new Map())('go-live-mail')
  const data = SAMPLES['go-live-mail'] ?? {}
  let fresh = 0
  const times = await inTurns([
    { name: 'again', run: async () => void compile(file).render(data, TRIED) },
    // Another digest: as one that was never seen.
    {
      name: 'first',
      run: async () => void compile({ ...file, digest: `${file.digest}${fresh++}` }).render(data, TRIED),
    },
  ], rounds, 3)
  return {
    title: `Documents, in process (medians of ${rounds})`,
    lines: [
      limitLine('rendering the go-live mail', median(times.get('again') ?? []), 5, 'ms'),
      limitLine('reading its template and rendering it', median(times.get('first') ?? []), 5, 'ms'),
    ],
  }
}
