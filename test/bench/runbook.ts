import fs from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { createDatabase } from '../../src/database/clock.ts'
import { main } from '../../src/cli/main.ts'
import type { Status } from '../../src/onboarding/status.ts'
import type { OpenItem } from '../../src/onboarding/tasks.ts'
import { median } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine, ms } from './report.ts'
import type { Section } from './report.ts'

/** Every word of the shipped runbook is given by who may, as the list of tasks asks for it. */
const SIGNERS: Readonly<Record<string, string>> = {
  'sales-engineering': 'sam', legal: 'lea', engineering: 'eva', 'engineering-lead': 'eli', 'security-lead': 'noor',
  cto: 'mira', 'customer-success': 'cleo', support: 'sun',
}
const DATABASE = 'runbook'
/** The longest that a customer's way can take: a loop that goes on is a fault. */
const MOST_DAYS = 60

interface Way {
  readonly steps: number
  /** Milliseconds: of each run, and of each word that was given. */
  readonly runs: readonly number[]
  readonly words: readonly number[]
  /** Milliseconds of processor time that the runs took in this process. */
  readonly busy: number
}

/**
 * The whole shipped runbook for one customer, from the handoff to Support, by commands in this process on a moved
 * clock. What nobody can look at here (no product, no metrics, no directory) is waived. A step's time is its share of
 * all runs (`apply`), also of those that find most of them done; words are told apart, since people give them.
 */
export async function benchRunbook(place: Place, rounds: number): Promise<Section> {
  const database = await createDatabase(DATABASE, { simulated: '2026-12-07T08:00:00Z' })
  await database.close()
  const ways: Way[] = []
  for (let round = 0; round <= rounds; round++) ways.push(await walk(place, `bench${round}`))
  const [, ...counted] = ways // the first loads the code
  const sum = (times: readonly number[]): number => times.reduce((all, one) => all + one, 0)
  const each = median(counted.map(({ steps, runs }) => sum(runs) / steps))
  const [runs, words] = [counted.flatMap((one) => one.runs), counted.flatMap((one) => one.words)]
  return {
    title: `The whole enterprise runbook (in process, by commands, medians of ${rounds})`,
    lines: [
      { what: 'steps settled, without those that this customer does not have', figure: String(counted[0]?.steps ?? 0) },
      limitLine('one step: its share of all runs', each, 50, 'ms'),
      {
        what: 'one step: processor time of this process',
        figure: ms(median(counted.map(({ steps, busy }) => busy / steps))),
      },
      { what: `one run (${runs.length / rounds} of them)`, figure: ms(median(runs)) },
      { what: `one word (${words.length / rounds} of them)`, figure: ms(median(words)) },
    ],
  }
}

async function walk(place: Place, slug: string): Promise<Way> {
  const cwd = path.join(place.folder, slug)
  fs.mkdirSync(cwd)
  const times: [string, number][] = []
  let busy = 0
  const typed = async <R>(argv: readonly string[], fine: readonly number[] = [0]): Promise<R> => {
    const said = { stdout: '', stderr: '' }
    const sink = (name: 'stdout' | 'stderr') => (
      { isTTY: false, columns: 100, write: (text: string) => void (said[name] += text) }
    )
    const stdin = new PassThrough()
    stdin.end()
    const actor = 'Eva Weber <eva@vendor.example>'
    const env = { ...place.env, ONBOARD_DATABASE_URL: `embedded:${DATABASE}`, ONBOARD_ACTOR: actor }
    const io = { stdin, stdout: sink('stdout'), stderr: sink('stderr'), env, cwd }
    const [begun, before] = [performance.now(), process.cpuUsage()]
    const exit = await main([...argv, '--json'], io as never)
    times.push([argv[0] ?? '', performance.now() - begun])
    const { user, system } = process.cpuUsage(before)
    if (argv[0] === 'apply') busy += (user + system) / 1000
    if (!fine.includes(exit)) {
      throw new Error(`onboard ${argv.join(' ')} ended with ${exit}: ${said.stdout}${said.stderr}`)
    }
    return JSON.parse(said.stdout) as R
  }
  const { clock } = await typed<{ clock: { now: string } }>(['status'])
  let today = clock.now.slice(0, 10)
  await typed(['init', '--today', today])
  const file = path.join(cwd, 'acme.handoff.yaml')
  const handoff = fs.readFileSync(file, 'utf8').replace('slug: acme', `slug: ${slug}`)
  fs.writeFileSync(file, handoff.replaceAll('acme.example', `${slug}.example`))
  fs.writeFileSync(path.join(cwd, 'evidence.txt'), 'seen')
  await typed(['handoff', 'accept', '--file', file, '--runbook', 'enterprise', '--accepted-by', 'eva@vendor.example'])
  times.length = 0
  for (let day = 0; day < MOST_DAYS; day++) {
    for (let run = 0, open = true; open; run++) {
      await typed(['apply', slug, '--secrets-out', `secrets-${day}-${run}.jsonl`], [0, 1, 5, 6])
      const { tasks } = await typed<{ tasks: readonly OpenItem[] }>(['tasks', slug])
      const answers = tasks.filter(({ kind }) => kind === 'sign' || kind === 'blocked').map(answer)
      for (const argv of answers) await typed(argv)
      open = answers.length > 0
    }
    const { next, dated, phases } = await typed<Status>(['status', slug])
    if (next === null) {
      const of = (...commands: string[]) => (
        times.filter(([command]) => commands.includes(command)).map(([, time]) => time)
      )
      return {
        steps: phases.flatMap(({ steps }) => steps).filter(({ state }) => state !== 'skipped').length,
        runs: of('apply'), words: of('sign', 'waive', 'hypercare'), busy,
      }
    }
    const until = dated.find((one) => one.until !== null)?.until
    if (until === null || until === undefined) throw new Error(`${slug} stops at ${next}`)
    today = until
    await typed(['db', 'clock', '--to', `${today}T09:00:00Z`])
  }
  throw new Error(`${slug} is not done after ${MOST_DAYS} days`)
}

/** The command of a task as a person would complete it. */
function answer({ next, for: roles }: OpenItem): string[] {
  const role = roles[0] ?? ''
  const argv = next.split(' ').slice(1).map((word) => {
    if (word === 'FILE') return 'evidence.txt'
    if (word === 'CONTACT') return 'primary'
    if (word === 'TEXT') return 'not-here'
    if (word === 'DATE') return '2099-12-31'
    return word.endsWith('=VALUE') ? `${word.slice(0, -5)}works` : word
  })
  if (argv[0] === 'go-live') {
    const waive = ['waive', argv[2] ?? '', 'go_live.first_hour', '--reason', 'not-here', '--until', '2099-12-31']
    return [...waive, '--signer', mailOf('engineering-lead')]
  }
  return argv.includes('--on-behalf-of') ? argv : [...argv, '--signer', mailOf(role)]
}

function mailOf(role: string): string {
  return `${SIGNERS[role] ?? 'eva'}@vendor.example`
}
