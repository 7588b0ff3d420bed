import { createHash } from 'node:crypto'
import type { Reader, Writer } from '../contract.ts'
import { canonical } from '../engine/digest.ts'
import type { Entry, Head, JournalEntry, Session, Work } from '../engine/ports.ts'

/** A journal that ends with the process: for runbook tests. Its clock is moved by hand. */
export interface MemoryJournal extends Pick<Work, 'reading' | 'session' | 'append' | 'store'> {
  /** ISO 8601 instant. */
  now(): string
  moveTo(instant: string): void
}

/** Thrown where something reaches for the world; there is none here. */
export class NoWorld extends Error {
  constructor(what: string) {
    super(`a runbook test has no ${what}`)
  }
}

/** An empty journal whose clock stands at an instant, ISO 8601. */
export function createMemoryJournal(start: string): MemoryJournal {
  const entries: JournalEntry[] = []
  let now = start
  const head = (): Head => ({ seq: entries.length, hash: entries.at(-1)?.hash ?? '0'.repeat(64) })

  const append = async (entry: Entry): Promise<Head> => {
    const { seq, hash: previous } = head()
    // As stored: what comes back is JSON, and nobody can change it afterwards.
    const kept = JSON.parse(canonical(entry)) as Entry
    const hash = createHash('sha256').update(previous).update(canonical({ ...kept, at: now })).digest('hex')
    entries.push({ ...kept, seq: seq + 1, at: now, session_user: 'runbook-test', hash, erased: [] })
    return head()
  }
  let held: Entry[] = []
  const look = async () => ({ entries: [...entries], now })
  const session: Session = {
    reader: readerOf,
    writer: (key, secret) => Object.assign(readerOf(key), {
      run: refuse('database'),
      postbox: refuse('mail'),
      takeBack: refuse('journal'),
      seal: refuse('sealing key'),
      secret: (...[name, value, more = {}]: Parameters<Writer['secret']>) => secret(name, value, more),
    }),
    begin: async () => undefined,
    write: (work) => work(),
    hold: async (entry) => {
      held.push(entry)
      return true
    },
    commit: async (entry) => {
      const entries = entry ? [...held, entry] : held
      held = []
      for (const one of entries) await append(one)
      return head()
    },
    rollback: async () => undefined,
    append,
    look,
    head: async () => head(),
    close: async () => undefined,
  }
  return {
    now: () => now,
    moveTo: (instant) => void (now = instant),
    reading: async (work) => work(readerOf, await look()),
    session: async () => session,
    append,
    store: async (bytes) => createHash('sha256').update(bytes).digest('hex'),
  }
}

const refuse = (what: string) => async (): Promise<never> => {
  throw new NoWorld(what)
}

function readerOf(key: string): Reader {
  return {
    key,
    many: refuse('database'),
    one: refuse('database'),
    exec: refuse('programs'),
    onboarding: { id: '', key: key.split('/')[0] ?? '' },
    past: { standing: refuse('journal'), takenBack: refuse('journal') },
    thresholds: [],
    template: refuse('templates'),
    http: refuse('network'),
    tls: refuse('network'),
    file: refuse('files'),
    given: async () => null,
    get product(): never {
      throw new NoWorld('product')
    },
  }
}
