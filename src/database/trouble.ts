import { OnboardError, type ErrorKind } from '../errors.ts'
import { codeOf } from './client.ts'

interface Trouble {
  readonly kind: ErrorKind
  readonly code: string
  /** What it means; the label of the database is put before it. */
  readonly says: string
  readonly next?: readonly string[]
}

const DOWN: Trouble = {
  kind: 'unreachable',
  code: 'database-unreachable',
  says: 'does not answer',
  next: ['onboard doctor'],
}

/** A statement that a connection has prepared is there once, and stays: unless the connection is no session. */
const POOLED: Trouble = {
  kind: 'invalid',
  code: 'transaction-pooler',
  says: "is reached through a transaction pooler, where nothing of a session holds; use the server's own address",
  next: ['onboard doctor'],
}

/** By SQLSTATE or system error code; of a SQLSTATE its class (two characters) where it has no line of its own. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: DOWN,
  ECONNRESET: DOWN,
  ENOENT: DOWN,
  ENOTFOUND: DOWN,
  EAI_AGAIN: DOWN,
  ETIMEDOUT: DOWN,
  EHOSTUNREACH: DOWN,
  ENETUNREACH: DOWN,
  EPIPE: DOWN,
  EACCES: { ...DOWN, says: 'may not be reached: permission denied' },
  '08': DOWN,
  '57P01': { ...DOWN, says: 'ended the connection' },
  '57P02': { ...DOWN, says: 'crashed' },
  '57P03': { ...DOWN, says: 'is starting or ending and takes no connections now' },
  '57P05': { ...DOWN, says: 'ended the connection because it was idle' },
  '53300': { ...DOWN, code: 'database-busy', says: 'has no connection left' },
  '53100': {
    kind: 'failed',
    code: 'database-full',
    says: 'has no disk space left; nothing of this step was kept',
    next: ['onboard doctor'],
  },
  '53': { kind: 'failed', code: 'database-exhausted', says: 'has run out of a resource' },
  '28': { kind: 'forbidden', code: 'database-login', says: 'refuses this login', next: ['onboard doctor'] },
  '3D000': { kind: 'invalid', code: 'database-missing', says: 'does not exist' },
  '42501': {
    kind: 'forbidden',
    code: 'database-permission',
    says: 'does not permit this to its login',
    next: ['onboard doctor'],
  },
  '25006': {
    kind: 'unreachable',
    code: 'database-read-only',
    says: 'takes no writes: it is a standby, or read-only by its settings',
    next: ['onboard doctor'],
  },
  '42P05': POOLED,
  '26000': POOLED,
  '55P03': {
    kind: 'conflict', code: 'database-locked',
    says: 'is locked by somebody else just there; what they do must end first',
  },
  '40001': { kind: 'conflict', code: 'database-conflict', says: 'was changed by somebody else at the same time' },
  '40P01': { kind: 'conflict', code: 'database-conflict', says: 'was changed by somebody else at the same time' },
  '57014': { kind: 'failed', code: 'database-timeout', says: 'was too slow, or the statement was cancelled' },
  OB001: { kind: 'conflict', code: 'clock', says: 'keeps its clock' },
  OB002: { kind: 'forbidden', code: 'append-only', says: 'keeps its journal as it is' },
  OB003: { kind: 'invalid', code: 'unknown-chain', says: 'has no such journal' },
  OB004: { kind: 'invalid', code: 'journal-entry', says: 'takes no such journal entry' },
}

/**
 * An error of the database or of the way to it as an OnboardError: which database (by label), what happened, what to
 * do. One that is an OnboardError already stays itself; what nobody foresaw is kind `failed`.
 */
export function databaseError(error: unknown, label: string): OnboardError {
  if (error instanceof OnboardError) return error
  const code = codeOf(error)
  const own = (error as Error | null)?.message || code || String(error)
  const isSilent = /timeout|terminated|not queryable|end-of-stream|SSL/i.test(own)
  const silent = code === undefined && isSilent ? DOWN : undefined
  const trouble = TROUBLES[code ?? ''] ?? (code?.length === 5 ? TROUBLES[code.slice(0, 2)] : undefined) ?? silent
  if (!trouble) return new OnboardError('failed', 'database-error', `${label}: ${own}`, { cause: error })
  return new OnboardError(trouble.kind, trouble.code, `${label} ${trouble.says}: ${own}`, {
    suggestions: trouble.next ?? [],
    cause: error,
  })
}
