/** A place in a file that a person wrote; line and column count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly col: number
}

/** One finding about a file: what is wrong, where, and by which rule. */
export interface Diagnostic extends Position {
  readonly message: string
  readonly rule: string
  readonly severity: 'error' | 'warning'
  /** Dotted path of the field, where there is one: `contacts.primary.email`. */
  readonly field?: string
}

/** Exit codes: a number is never reused. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
  pending: 4,
  waiting: 5,
  verification: 6,
  conflict: 7,
  unreachable: 8,
  forbidden: 9,
  bug: 70,
  interrupted: 130,
} as const

/** What kind of trouble it is; decides the exit code. */
export type ErrorKind = Exclude<keyof typeof EXIT, 'done'>

/** Of several exit codes the one that counts, worst first. */
const PRECEDENCE = [70, 130, 8, 9, 7, 3, 1, 6, 5, 4, 2, 0] as const

/** The exit code of a command that met several: the first of the precedence list that occurs. */
export function worstExit(codes: readonly number[]): number {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.done
}

/** The words of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** What was thrown as an error of `onboard`: of anything else a failure with this code. */
export function asOnboardError(thrown: unknown, code: string): OnboardError {
  if (thrown instanceof OnboardError) return thrown
  return new OnboardError('failed', code, messageOf(thrown), { cause: thrown })
}

interface Details {
  /** Commands to type next; never prose. */
  readonly suggestions?: readonly string[]
  readonly cause?: unknown
  readonly at?: Position
  /** All findings, where the error stands for several. */
  readonly diagnostics?: readonly Diagnostic[]
  /** The file that cannot be taken, as it was named: where a command line named it, the line is said without it. */
  readonly file?: string
}

/**
 * The one error that `onboard` throws on purpose.
 * `code` is stable kebab-case for programs, `message` says what happened and where, suggestions are commands to type.
 */
export class OnboardError extends Error {
  override readonly name = 'OnboardError'
  readonly kind: ErrorKind
  readonly code: string
  readonly suggestions: readonly string[]
  readonly at: Position | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly file: string | undefined

  constructor(kind: ErrorKind, code: string, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.code = code
    this.suggestions = details.suggestions ?? []
    this.at = details.at
    this.diagnostics = details.diagnostics ?? []
    this.file = details.file
  }

  get exit(): number {
    return EXIT[this.kind]
  }
}
