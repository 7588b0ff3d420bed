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
import { limitLine, ms, type Line, type Section } from './report.ts'
import { spread } from './spread.ts'

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
  const installed = await install(place)
  const { database, workspace } = await example(place, installed.bin)
  const name = database.replace('embedded:', '')
  const onboard = onboardOf(place, installed, { database, workspace })
  const [few = 0] = sizes
  await alike(place, name, 'spread', (owner) => spread(owner, SPREAD))
  await alike(place, name, 'few', (owner) => crowd(owner, { prefix: 'c', count: few - TOLD }))
  const lines = await onManyDays(onboardOf(place, installed, { database: 'embedded:spread', workspace }))
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  const kept: Kept = {
    look: () => looked(owner, { workspace, database }),
    forget: async () => void (await owner.query('TRUNCATE onboard.look')),
  }
  try {
    for (const size of sizes) {
      await crowd(owner, { prefix: 'c', count: size - TOLD })
      const measured = { onboard, size, isLast: size === sizes.at(-1), rounds }
      lines.push(...(await statuses(measured, kept)))
      if (measured.isLast) lines.push(...(await tasks(onboard, size)))
      lines.push(...(await drifts(measured, few)))
    }
    // Last: drift of the few beside them is of the same day.
    const what = `status, ${sizes.at(-1)} onboardings, the first one of another day, on which each has something`
    lines.push({ what, figure: await anotherDay(onboard) })
  } finally {
    await owner.end()
  }
  return { title: `All onboardings of a database (whole processes, packed install, medians of ${rounds})`, lines }
}

/** Makes a database as the example's, and something more in it. */
async function alike(
  place: Place, template: string, name: string, fill: (owner: pg.Client) => Promise<void>,
): Promise<void> {
  await makeDatabase(place.superuser, name, template)
  await guardDatabase(place.superuser, name)
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  await fill(owner).finally(() => owner.end())
}

interface Measured {
  readonly onboard: Onboard
  /** How many onboardings there are. */
  readonly size: number
  /** No more are to come: what has a target is judged. */
  readonly isLast: boolean
  readonly rounds: number
}

/** What commands keep in the database of looks. */
interface Kept {
  /** Has it there as if commands had written to each onboarding. */
  look(): Promise<void>
  forget(): Promise<void>
}

/** A command over all; throws where it tells of fewer or of more. */
async function all(onboard: Onboard, command: 'status' | 'drift', size: number, on?: string): Promise<Ran> {
  // Of what has moved drift tells, by 4.
  const fine = command === 'drift' ? [0, 4] : [0]
  const ended = await onboard([command, '--json'], { fine, ...(on === undefined ? {} : { on }) })
  const { onboardings } = JSON.parse(ended.stdout) as { onboardings: readonly unknown[] }
  if (onboardings.length === size) return ended
  throw new Error(`${command} told of ${onboardings.length} onboardings, not of ${size}`)
}

/** With nothing kept, and by what was kept, by whom: told is the same. */
async function statuses({ onboard, size, isLast, rounds }: Measured, { look, forget }: Kept): Promise<Line[]> {
  await forget()
  const unkept = await all(onboard, 'status', size)
  await forget()
  await look()
  const first = await all(onboard, 'status', size)
  if (first.stdout !== unkept.stdout) throw new Error('what was kept tells something else than a look')
  const again: Ran[] = []
  for (let round = 0; round < rounds; round++) again.push(await all(onboard, 'status', size))
  const what = `status, ${size} onboardings`
  const lines: Line[] = [
    { what: `${what}, nothing kept: another config or version`, figure: `${each(unkept, size)}, ${megabytes(unkept)}` },
    { what: `${what}, the first one, after commands have written to each`, figure: seconds(first) },
    { what: `${what}, again`, figure: seconds({ seconds: median(again.map((one) => one.seconds)) }) },
  ]
  if (!isLast) return lines
  return [
    ...lines,
    limitLine(`status, ${size}: the first one`, first.seconds, 2, 's'),
    memoryLine(`status, ${size}`, [first, unkept, ...again]),
  ]
}

/** Between two of very many stands one of few, in a database of its own. */
async function drifts({ onboard, size, isLast, rounds }: Measured, few: number): Promise<Line[]> {
  const many: Ran[] = []
  const beside: Ran[] = []
  for (let round = 0; round < rounds; round++) {
    if (isLast) beside.push(await all(onboard, 'drift', few, 'embedded:few'))
    many.push(await all(onboard, 'drift', size))
    if (isLast) beside.push(await all(onboard, 'drift', few, 'embedded:few'))
  }
  const middle = { seconds: median(many.map((one) => one.seconds)) }
  const lines: Line[] = [{ what: `drift, ${size} onboardings`, figure: each(middle, size) }]
  if (!isLast) return lines
  const one = (middle.seconds * 1000) / size
  const ratio = one / ((median(beside.map((ran) => ran.seconds)) * 1000) / few)
  return [
    ...lines,
    memoryLine(`drift, ${size}`, many),
    {
      what: `drift: one of ${size} ÷ one of ${few}, before and after it`, figure: ms(one), ratio,
      target: `≤ ${LINEAR} ×`, met: ratio <= LINEAR,
    },
  ]
}

/** Tells by what status has kept; of whom nothing is kept that holds, reads the journal. */
async function tasks(onboard: Onboard, size: number): Promise<Line[]> {
  const ended = await onboard(['tasks', '--json'])
  const { tasks: open } = JSON.parse(ended.stdout) as { tasks: readonly { onboarding: string }[] }
  const told = new Set(open.map(({ onboarding }) => onboarding)).size
  if (told < size / 2) throw new Error(`tasks told of ${told} of ${size} onboardings`)
  return [{ what: `tasks, ${size} onboardings`, figure: each(ended, size) }, memoryLine(`tasks, ${size}`, [ended])]
}

/** Of those that began on many days few have something on one day. */
async function onManyDays(onboard: Onboard): Promise<Line[]> {
  const first = await onboard(['status', '--json'])
  const { length } = (JSON.parse(first.stdout) as { onboardings: readonly unknown[] }).onboardings
  const what = `status, ${length} onboardings`
  return [
    { what: `${what} that began on many days, the first look`, figure: each(first, length) },
    { what: `${what}, the first one of another day, of those`, figure: await anotherDay(onboard) },
  ]
}

/**
 * What was kept of yesterday's look is reckoned anew; of whom a date has come is looked at.
 * The clock of the database is a day on then.
 */
async function anotherDay(onboard: Onboard): Promise<string> {
  const { clock } = JSON.parse((await onboard(['db', 'clock', '--json'])).stdout) as { clock: { now: string } }
  await onboard(['db', 'clock', '--to', new Date(Date.parse(clock.now) + DAY_MS).toISOString()])
  const ran = await onboard(['status', '--json'])
  return `${seconds(ran)}, ${megabytes(ran)}`
}

type Time = Pick<Ran, 'seconds'>
const seconds = (ran: Time): string => `${ran.seconds.toFixed(1)} s`
const each = (ran: Time, size: number): string => `${seconds(ran)}, ${ms((ran.seconds * 1000) / size)} each`
const megabytes = ({ memory }: Ran): string => `${memory.toFixed(0)} MB`

function memoryLine(what: string, ran: readonly Ran[]): Line {
  return limitLine(`${what}: peak memory`, Math.max(...ran.map(({ memory }) => memory)), MOST_MEMORY, 'MB')
}
