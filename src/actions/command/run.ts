import { defineAction } from '../../contract.ts'
import type { Program, Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change } from '../../model.ts'

interface Seen {
  /** Whether the check program says that all is as it should be. */
  readonly done: boolean
}

type Part = 'run' | 'check' | 'undo'

interface CommandChange extends Change {
  readonly run: readonly string[]
  readonly undo: readonly string[] | null
  readonly around: Around
}

type Around = {
  readonly env: { readonly [name: string]: string }
  readonly env_from: readonly string[]
  readonly cwd: string | null
  readonly timeout_ms: number
}

/** What most programs cannot do without; all else must be named. */
const BASIC = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot']
const argv = (description: string) => ({ type: 'array', items: { type: 'string' }, minItems: 1, description }) as const

const aroundOf = (input: {
  readonly env?: Readonly<Record<string, string>>
  readonly env_from?: readonly string[]
  readonly cwd?: string | null
  readonly timeout?: number
}): Around => ({
  env: input.env ?? {},
  env_from: input.env_from ?? [],
  cwd: input.cwd ?? null,
  timeout_ms: (input.timeout ?? 60) * 1000,
})

/** A program of the workspace, with a program of its own that says whether it is needed. */
export default defineAction({
  title: 'Runs a program where its check program says that it is needed; arguments are a list, there is no shell.',
  example: {
    run: ['./deploy-theme', '--tenant', 'acme'],
    check: ['./deploy-theme', '--tenant', 'acme', '--check'],
    timeout: 120,
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['run', 'check'],
    properties: {
      run: argv(
        'Program and arguments; must be safe to repeat, since a crash may hide that it ended. '
        + 'ONBOARD_KEY names the step.',
      ),
      check: argv(
        'Exits 0 where all is as it should be, 1 where run is needed; any other exit is an error. '
        + 'It must change nothing.',
      ),
      undo: argv('Takes back what run has done; without it the step cannot be undone.'),
      env: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Variables and their values; no secrets, they are journaled.',
      },
      env_from: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Names of our own variables that the programs get; their values are blacked out in what they print.',
      },
      cwd: { type: ['string', 'null'], description: 'Folder to run in; default: the current one.' },
      timeout: {
        type: 'integer',
        minimum: 1,
        maximum: 86400,
        default: 60,
        description: 'Seconds until a program and its children are killed.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['done'],
    properties: { done: { type: 'boolean' } },
  },
  where: 'outside',
  owns: (input) => [`program/${JSON.stringify(input.run)}`],
  undoable: (input) => input.undo !== undefined,
  undoing: 'can be undone where `undo` says how',

  async check(read, input): Promise<Seen> {
    const result = await exec(read, 'check', input.check, aroundOf(input), [0, 1])
    return { done: result === 0 }
  },

  plan(input, seen): CommandChange | null {
    if (seen.done) return null
    return {
      target: `program ${input.run[0] ?? ''}`,
      before: { done: false },
      after: { done: true },
      run: input.run,
      undo: input.undo ?? null,
      reversible: input.undo !== undefined,
      around: aroundOf(input),
    }
  },

  async apply(write, change) {
    await exec(write, 'run', change.run, change.around, [0])
  },

  outputs: (_input, seen) => ({ done: seen.done }),

  async undo(write, change) {
    if (change.undo === null) {
      throw new OnboardError(
        'conflict',
        'irreversible',
        `${change.target} has no undo: in the runbook; take its effect back by hand`,
      )
    }
    await exec(write, 'undo', change.undo, change.around, [0])
  },
})

async function exec(
  read: Reader,
  part: Part,
  argv: readonly string[],
  around: Around,
  good: readonly number[],
): Promise<number> {
  const program: Program = {
    argv,
    env: { ...around.env, ONBOARD_KEY: read.key },
    env_from: [...new Set([...BASIC, ...around.env_from])],
    timeout_ms: around.timeout_ms,
    ...(around.cwd === null ? {} : { cwd: around.cwd }),
  }
  const result = await read.exec(program)
  if (result.exit !== null && good.includes(result.exit)) return result.exit
  const how = result.timed_out
    ? `was killed after ${around.timeout_ms / 1000} s`
    : result.exit === null
      ? 'was ended by a signal'
      : `exited ${result.exit}`
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n')
  throw new OnboardError(
    'failed',
    'program-failed',
    `${part}: ${argv[0] ?? ''} ${how}${said === '' ? '' : `: ${said}`}`,
  )
}
