/** What a `*.test.yaml` says, in types; schemas/runbook-test.schema.json says the same to editors. */
import { isDeepStrictEqual } from 'node:util'
import type { MilestoneState } from '../milestones.ts'
import { isObject, type Json, type JsonObject, type Outcome } from '../../model.ts'

/** How an action that is not run behaves in one step. */
export interface Given {
  /** Effects: what they give, over what is made up. Probes: the same. */
  readonly outputs?: JsonObject
  /** Effects: the step fails with this sentence. */
  readonly fails?: string
  /** Effects: all is as it should be already. */
  readonly exists?: boolean
  /** Probes: what they see. */
  readonly result?: 'pass' | 'warn' | 'fail' | 'not_checked'
  readonly summary?: string
}

export interface GivenAnswer {
  /** Role that answers. */
  readonly as: string
  /** Names of files; what is in them does not matter here. */
  readonly evidence?: readonly string[]
  readonly note?: string
  /** Of a form: what is filled in. */
  readonly values?: JsonObject
}

export interface GivenWaiver {
  readonly as: string
  readonly reason: string
  /** `YYYY-MM-DD`. */
  readonly until: string
}

export interface Expected {
  /** By `phase.step`, with `/instance` where it repeats. */
  readonly outcomes?: Readonly<Record<string, Outcome>>
  /** Every step that waits for a person, with the roles that may answer. */
  readonly waiting?: Readonly<Record<string, readonly string[]>>
  /** Fields that a step changes, and what they are then; fields left out may be anything. */
  readonly changes?: Readonly<Record<string, JsonObject>>
  /** Parts of the reason that is given for an outcome. */
  readonly reasons?: Readonly<Record<string, string>>
  /** How milestones stand. */
  readonly milestones?: Readonly<Record<string, MilestoneState>>
  /** Exit code of `onboard apply`. */
  readonly exit?: number
}

/** A moment: time moves on, people answer, `apply` runs until nothing moves, and this is expected. */
export interface Moment {
  /** A date, an instant, or `+3d`. */
  readonly clock?: string
  /** A procedure begins, as by `onboard rollback`; it goes on in the moments after this one. */
  readonly begin?: {
    readonly procedure: string
    readonly condition?: string
    readonly issue?: string
    readonly reason: string
  }
  readonly given?: Readonly<Record<string, Given>>
  readonly answers?: Readonly<Record<string, string | GivenAnswer>>
  readonly waivers?: Readonly<Record<string, GivenWaiver>>
  readonly expect?: Expected
}

export interface RehearsalTest extends Moment {
  readonly test: string
  readonly clock: string
  /** Path from the test's file on, or the handoff itself. */
  readonly handoff: string | JsonObject
  /** What is other than in that handoff. */
  readonly but?: JsonObject
  readonly discovery?: string | JsonObject
  /** Over the config of the workspace, section by section. */
  readonly config?: JsonObject
  readonly then?: readonly Moment[]
}

export interface Script {
  readonly tests: readonly RehearsalTest[]
}

/** The later value over the earlier: maps are merged, all else is replaced. */
export function merged(before: Json, over: Json): Json {
  if (!isObject(before) || !isObject(over)) return over
  const fields = Object.entries(over).map(([key, value]) => (
    [key, key in before ? merged(before[key] ?? null, value) : value]
  ))
  return { ...before, ...(Object.fromEntries(fields) as JsonObject) }
}

/** Whether a value has all that is expected of it: maps may have more, all else is equal. */
export function contains(actual: Json | undefined, expected: Json): boolean {
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).every(([key, value]) => contains(actual[key], value))
  }
  return actual !== undefined && isDeepStrictEqual(actual, expected)
}
