import type pg from 'pg'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { guardDatabase, makeDatabase } from '../../src/database/roles.ts'
import { crowd } from './crowd.ts'
import { example } from './example.ts'
import { install } from './install.ts'
import { looked } from './looked.ts'
import { median } from './measure.ts'
import { onboardOf, type Onboard, type Ran } from './onboard.ts'
import type { Place } from './place.ts'
import { spread } from './spread.ts'
import { limitLine, ms, type Line, type Section } from './report.ts'

const SIZES = [1_000, 5_000, 10_000]
/** The customers that the demo has told of; the others are copies. */
const TOLD = 2
/** How much dearer one onboarding may be among the most than among the fewest, and still be called linear. */
const LINEAR = 1.25
/** So many began on many days. */
const SPREAD = 1_000
/** Megabytes that a command over all of them may hold. */
const MOST_MEMORY = 300
const DAY_MS = 86_400_000

/** `status`, `drift` and `tasks` over very many onboardings: memory, and what one costs among how many. */
export async function benchMany(place: Place, rounds: number, sizes: readonly number[] = SIZES): Promise<Section> {
  const { bin } = await install(place)
  const { database, workspace } = await example(place, bin)
  const template = database.replace('embedded:', '')
  const onboard = onboardIn(place, bin, workspace)
  const lines = await onManyDays(await databaseBeside(place, 'spread', template), onboard)
  const [few = 0] = sizes
  const fewer = await connectSuperuser(embeddedHome(process.env), await databaseBeside(place, 'few', template))
  await crowd(fewer, { prefix: 'c', count: few - TOLD }).finally(() => fewer.end())
  const owner = await connectSuperuser(embeddedHome(process.env), template)
  const kept: Kept = {
    look: () => looked(owner, { workspace, database }),
    forget: async () => void (await owner.query('TRUNCATE onboard.look')),
  }
  try {
    for (const size of sizes) {
      await crowd(owner, { prefix: 'c', count: size - TOLD })
      const about = { onboard, database, size, isLast: size === sizes.at(-1), rounds }
      lines.push(...(await statuses(about, kept)))
      if (about.isLast) lines.push(...(await allTasks(about)))
      lines.push(...(await drifts(about, few)))
    }
  } finally {
    await owner.end()
  }
  return { title: `All onboardings of a database (whole processes, packed install, medians of ${rounds})`, lines }
}

type Ran = Ended & { readonly seconds: number }
type Onboard = (database: string, args: readonly string[], fine?: readonly number[]) => Promise<Ran>

/** Runs a command in the workspace, to an exit code that is fine. */
function onboardIn(place: Place, bin: string, cwd: string): Onboard {
  return async (database, args, fine = [0]) => {
    const begun = performance.now()
    const how = { env: { ONBOARD_DATABASE_URL: database }, cwd, memory: true }
    const ended = await must(fine, run(place, process.execPath, [bin, ...args], how))
    return { ...ended, seconds: (performance.now() - begun) / 1000 }
  }
}

/** A database with what the template has; gives its name. */
async function databaseBeside(place: Place, name: string, template: string): Promise<string> {
  await makeDatabase(place.superuser, name, template)
  await guardDatabase(place.superuser, name)
  return name
}

interface About {
  readonly onboard: Onboard
  readonly database: string
  /** So many onboardings are in it. */
  readonly size: number
  /** The most: limits hold for these. */
  readonly isLast: boolean
  readonly rounds: number
}

/** What commands keep in the database of looks. */
interface Kept {
  /** Has it there as if commands had written to each onboarding. */
  look(): Promise<void>
  forget(): Promise<void>
}

/** A command that tells of all: it did. */
async function ofAll({ onboard }: About, command: 'status' | 'drift', database: string, size: number): Promise<Ran> {
  // The copies have no documents and no mail, so drift tells of those.
  const ended = await onboard(database, [command, '--json'], command === 'drift' ? [0, 4] : [0])
  const { onboardings } = JSON.parse(ended.stdout) as { onboardings: unknown[] }
  if (onboardings.length === size) return ended
  throw new Error(`${command} told of ${onboardings.length} onboardings, not of ${size}`)
}

/** By what was kept, and with nothing kept: told is the same. */
async function statuses(about: About, { look, forget }: Kept): Promise<Line[]> {
  const { onboard, database, size, isLast, rounds } = about
  const status = (): Promise<Ran> => ofAll(about, 'status', database, size)
  await forget()
  const unkept = await status()
  await forget()
  await look()
  const first = await status()
  if (first.stdout !== unkept.stdout) throw new Error('what was kept tells something else than a look')
  const again: Ran[] = []
  for (let round = 0; round < rounds; round++) again.push(await status())
  const what = `status, ${size} onboardings`
  const lines: Line[] = [
    {
      what: `${what}, nothing kept: another config or version`,
      figure: `${spent(unkept.seconds, size)}, ${unkept.memory.toFixed(0)} MB`,
    },
    { what: `${what}, the first one, after commands have written to each`, figure: `${first.seconds.toFixed(1)} s` },
    { what: `${what}, again`, figure: `${median(again.map(({ seconds }) => seconds)).toFixed(1)} s` },
  ]
  if (!isLast) return lines
  const most = Math.max(...[first, unkept, ...again].map(({ memory }) => memory))
  return [
    ...lines,
    limitLine(`status, ${size}: the first one`, first.seconds, 2, 's'),
    limitLine(`status, ${size}: peak memory`, most, 300, 'MB'),
    await anotherDay(onboard, database, `${what}, the first one of another day, on which each has something`),
  ]
}

/** Between two of very many stands one of few, in a database of its own. */
async function drifts(about: About, few: number): Promise<Line[]> {
  const { database, size, isLast, rounds } = about
  const many: Ran[] = []
  const beside: Ran[] = []
  for (let round = 0; round < rounds; round++) {
    if (isLast) beside.push(await ofAll(about, 'drift', 'embedded:few', few))
    many.push(await ofAll(about, 'drift', database, size))
    if (isLast) beside.push(await ofAll(about, 'drift', 'embedded:few', few))
  }
  const seconds = median(many.map((one) => one.seconds))
  const each = seconds / size * 1000
  const lines: Line[] = [{ what: `drift, ${size} onboardings`, figure: spent(seconds, size) }]
  if (!isLast) return lines
  const ratio = each / (median(beside.map((one) => one.seconds)) / few * 1000)
  return [
    ...lines,
    limitLine(`drift, ${size}: peak memory`, Math.max(...many.map(({ memory }) => memory)), 300, 'MB'),
    {
      what: `drift: one of ${size} ÷ one of ${few}, before and after it`, figure: ms(each),
      ratio, target: `≤ ${LINEAR} ×`, met: ratio <= LINEAR,
    },
  ]
}

/** What was kept of yesterday's look is reckoned anew; of whom a date has come is looked at. */
async function anotherDay(onboard: Onboard, database: string, what: string): Promise<Line> {
  const { stdout } = await onboard(database, ['db', 'clock', '--json'])
  const { clock } = JSON.parse(stdout) as { clock: { now: string } }
  const tomorrow = new Date(Date.parse(clock.now) + 86_400_000).toISOString()
  await onboard(database, ['db', 'clock', '--to', tomorrow])
  const { memory, seconds } = await onboard(database, ['status', '--json'])
  return { what, figure: `${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB` }
}

/** In a database of its own: those that began on many days, of whom few have something on one day. */
async function onManyDays(name: string, onboard: Onboard): Promise<Line[]> {
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  await spread(owner, SPREAD).finally(() => owner.end())
  const database = `embedded:${name}`
  const { stdout, seconds } = await onboard(database, ['status', '--json'])
  const { onboardings: { length } } = JSON.parse(stdout) as { onboardings: readonly unknown[] }
  const what = `status, ${length} onboardings`
  return [
    { what: `${what} that began on many days, the first look`, figure: spent(seconds, length) },
    await anotherDay(onboard, database, `${what}, the first one of another day, of those`),
  ]
}

/** Tells by what status has kept; of whom nothing is kept that holds, reads the journal. */
async function allTasks({ onboard, database, size }: About): Promise<Line[]> {
  const { memory, stdout, seconds } = await onboard(database, ['tasks', '--json'])
  const { tasks } = JSON.parse(stdout) as { tasks: readonly { onboarding: string }[] }
  if (new Set(tasks.map(({ onboarding }) => onboarding)).size < size / 2) {
    throw new Error(`tasks told of ${tasks.length} of ${size} onboardings`)
  }
  return [
    { what: `tasks, ${size} onboardings`, figure: spent(seconds, size) },
    limitLine(`tasks, ${size}: peak memory`, memory, 300, 'MB'),
  ]
}

/** `12.3 s, 1.23 ms each` */
function spent(seconds: number, count: number): string {
  return `${seconds.toFixed(1)} s, ${ms((seconds * 1000) / count)} each`
}
