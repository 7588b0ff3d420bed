import { keyText } from '../../engine/keys.ts'
import type { Head } from '../../engine/ports.ts'
import type { LogEntry } from '../../journal/log.ts'
import type { Json, JsonObject } from '../../model.ts'
import type { Output } from '../output.ts'
import { bold, cyan, dim, green, red, yellow, type Piece } from '../style.ts'
import { clip } from './value.ts'

/** One journal entry with what people read of it. */
export interface LogLine extends Omit<LogEntry, 'key'> {
  /** `phase.step/instance`, or null where it is of the onboarding. */
  readonly step: string | null
  /** Who: the signer with the recorder where they differ, else the actor, else the database's login. */
  readonly who: string
  readonly summary: string
}

export interface Log {
  readonly onboarding: string
  readonly head: Head
  readonly entries: readonly LogLine[]
}

export function lineOf(entry: LogEntry): LogLine {
  const { key, ...rest } = entry
  return { ...rest, step: key === null ? null : keyText(key), who: whoOf(entry), summary: summaryOf(entry) }
}

function whoOf({ detail, session_user }: LogEntry): string {
  const answer = object(detail['answer'])
  const signer = named(answer['signer']) ?? named(detail['by'])
  const recorder = named(answer['recorder']) ?? named(detail['recorder']) ?? named(detail['actor'])
  if (signer !== null && recorder !== null && signer !== recorder) return `${signer}, recorded by ${recorder}`
  return signer ?? recorder ?? session_user
}

function summaryOf({ kind, facts, detail }: LogEntry): string {
  const text = (name: string): string | undefined => (
    [facts[name], detail[name]].find((one) => typeof one === 'string' || typeof one === 'number')?.toString()
  )
  const erasable = (name: string): string => text(name) ?? '(erased)'
  const known = (name: string): string => text(name) ?? '?'
  const role = text('role') && `as ${text('role')}`
  switch (kind) {
    case 'done': return joined(' ', text('outcome'), text('uses'))
    case 'undone': return joined(': ', `undid entry ${known('of')}`, text('left'))
    case 'failed': return text('message') ?? text('code') ?? ''
    case 'probed': return joined(': ', text('result'), object(detail['evidence'])['summary'])
    case 'signed': {
      const word = joined(': ', role, object(detail['answer'])['note'])
      return joined(' · ', word, answersOf(detail), evidenceOf(facts))
    }
    case 'attested': return joined(' · ', `by hand on ${known('date')}`, role, evidenceOf(facts))
    case 'adopted': return `as it was found, ${text('uses') ?? ''}`
    case 'issue': {
      const became = `${known('issue')} ${text('change') ?? ''}, ${text('severity') ?? ''} ${text('status') ?? ''}`
      return joined(': ', became, object(detail['after'])['title'])
    }
    case 'cancelled': return joined(': ', text('state'), text('reason'))
    case 'renamed': return `${known('from')} → ${known('to')}`
    case 'erased': return `${known('values')} values of persons`
    case 'assigned': return facts['assigned'] === false ? 'given back' : `to ${named(detail['to']) ?? '(erased)'}`
    case 'reminded': {
      const { steps } = facts
      return `${named(detail['to']) ?? '(erased)'} of ${Array.isArray(steps) ? steps.map(String).join(', ') : '?'}`
    }
    case 'rescheduled': return `go-live ${known('from')} → ${known('to')}: ${erasable('reason')}`
    case 'waived': return `until ${known('until')}: ${erasable('reason')}`
    case 'began': {
      return joined(': ', `${text('procedure')}/${text('occurrence')}`, text('condition'), erasable('reason'))
    }
    case 'closed': return `${text('procedure')}/${text('occurrence')}`
    case 'imported': {
      const [created, changed] = [text('created') ?? 0, text('changed') ?? 0]
      return `${created} users made, ${changed} changed, ${known('done')} of ${known('of')}`
    }
    case 'reissued': {
      const { secrets } = facts
      return joined(', ', text('did'), ...(Array.isArray(secrets) ? secrets : []))
    }
    default: return text('reason') ?? text('uses') ?? ''
  }
}

/** Parts that say something, with this between them. */
function joined(between: string, ...parts: readonly (Json | undefined)[]): string {
  return parts.filter(Boolean).join(between)
}

/** `create_projects=works, remarks=…`: what was filled in, in the order of the form. */
function answersOf({ answer, fields }: JsonObject): string {
  const values = object(object(answer)['values'])
  const names = Array.isArray(fields) ? fields.map(String) : Object.keys(values)
  return names.filter((name) => values[name] != null).map((name) => `${name}=${said(values[name])}`).join(', ')
}

function said(value: Json | undefined): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ')
}

/** `evidence 9f86d081884c`: what `onboard evidence show` takes. */
function evidenceOf({ evidence }: JsonObject): string {
  if (!Array.isArray(evidence) || evidence.length === 0) return ''
  return `evidence ${evidence.map((one) => String(one).slice(0, 12)).join(', ')}`
}

function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}
}

function named(value: Json | undefined): string | null {
  const { name, email } = object(value)
  if (typeof name !== 'string') return null
  return typeof email === 'string' && email !== name ? `${name} <${email}>` : name
}

const LOOKS: Readonly<Record<string, (...pieces: Piece[]) => Piece>> = {
  done: green, failed: red, undone: yellow, signed: cyan,
  waived: yellow, rejected: red, reissued: yellow, unlocked: yellow,
}

export function showLog({ onboarding, head, entries }: Log, out: Output): void {
  out.line(bold(onboarding), dim(`  ${head.seq} entries · head ${head.hash.slice(0, 16)}`))
  out.line()
  if (entries.length === 0) return out.line(dim('No entries.'))
  out.table(entries.map((one): Piece[] => [
    dim(String(one.seq)), dim(out.time(one.at, true)), (LOOKS[one.kind] ?? dim)(one.kind),
    one.step ?? '', one.who, dim(clip(one.summary, Math.max(20, out.width - 20))),
  ]))
}
