import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { example } from './example.ts'
import { install } from './install.ts'
import { inTurns, median } from './measure.ts'
import type { Place } from './place.ts'
import { must, run } from './program.ts'
import { ms, ratioLine } from './report.ts'
import type { Line, Section } from './report.ts'

/** Whole processes of the installed package, the database up, beside an empty command of the same framework. */
export async function benchProcess(place: Place, rounds: number): Promise<Section> {
  const { bin, empty } = await install(place)
  const { database, workspace } = await example(place, bin)
  const owner = await connectSuperuser(embeddedHome(process.env), database.replace('embedded:', ''))
  const onboard = (...args: string[]) => async (): Promise<void> => {
    const env = { ONBOARD_DATABASE_URL: database }
    await must([0], run(place, process.execPath, [bin, ...args], { env, cwd: workspace }))
  }
  const times = await inTurns([
    { name: 'empty', run: async () => { await must([0], run(place, process.execPath, [empty, 'empty'])) } },
    { name: 'node', run: async () => { await must([0], run(place, process.execPath, ['-e', '0'])) } },
    { name: 'version', run: onboard('--version') },
    { name: 'status', run: onboard('status', '--json') },
    {
      name: 'first', before: async () => void (await owner.query('TRUNCATE onboard.look')),
      run: onboard('status', '--json'),
    },
    { name: 'one', run: onboard('status', 'acme', '--json') },
    { name: 'plan', run: onboard('plan', 'acme', '--json') },
    { name: 'help', run: onboard('--help') },
  ], rounds, 2).finally(() => owner.end())
  const of = (name: string): number => median(times.get(name) ?? [])
  const shown = (what: string, name: string): Line => (
    { what, figure: ms(of(name)), ratio: of(name) / of('empty'), against: 'this ÷ empty oclif command' }
  )
  const against = 'empty oclif command without manifest'
  return {
    title: `Whole processes, packed install, database up (medians of ${rounds})`,
    lines: [
      ratioLine('onboard --version', of('version'), against, of('empty'), 0.95),
      ratioLine('onboard status --json', of('status'), against, of('empty'), 1.3),
      shown('onboard status --json, of which nothing was kept', 'first'),
      shown('onboard status acme --json', 'one'),
      shown('onboard plan acme --json', 'plan'),
      shown('onboard --help', 'help'),
      shown('node -e 0', 'node'),
    ],
  }
}
