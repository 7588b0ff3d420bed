import type { Install } from './install.ts'
import type { Place } from './place.ts'
import { must, run, type Ended } from './program.ts'

/** A command that has ended, in how many seconds, the start of its process with it. */
export type Ran = Ended & { readonly seconds: number }

interface How {
  /** Exit codes that are as they should be; default: 0. */
  readonly fine?: readonly number[]
  /** Another database. */
  readonly on?: string
}

export type Onboard = (args: readonly string[], how?: How) => Promise<Ran>

/** Commands of the installed package in a workspace, each timed and with its peak of memory. */
export function onboardOf(
  place: Place, { bin }: Pick<Install, 'bin'>,
  { database, workspace }: { readonly database: string; readonly workspace: string },
): Onboard {
  return async (args, { fine = [0], on = database } = {}) => {
    const begun = performance.now()
    const ended = await must(fine, run(place, process.execPath, [bin, ...args], {
      env: { ONBOARD_DATABASE_URL: on }, cwd: workspace, memory: true,
    }))
    return { ...ended, seconds: (performance.now() - begun) / 1000 }
  }
}
