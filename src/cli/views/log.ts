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
  const step = key === null ? null : `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
  return { ...rest, step, who: whoOf(entry), summary: summaryOf(entry) }
}

function whoOf({ detail, session_user }: LogEntry): string {
  const answer = object(detail['answer'])
  const signer = named(answer['signer']) ?? named(detail['by'])
  const recorder = named(answer['recorder']) ?? named(detail['recorder']) ?? named(detail['actor'])
  if (signer !== null && recorder !== null && signer !== recorder) return `${signer}, recorded by ${recorder}`
  return signer ?? recorder ?? session_user
}

function summaryOf({ kind, facts, detail }: LogEntry): string {
  const text = (name: string): string | undefined => [facts[name], detail[name]].find((one) => typeof one === 'string' || typeof one === 'number')?.toString()
  switch (kind) {
    case 'done': return [text('outcome'), text('uses')].filter(Boolean).join(' ')
    case 'undone': return [`undid entry ${text('of') ?? '?'}`, text('left')].filter(Boolean).join(': ')
    case 'failed': return text('message') ?? text('code') ?? ''
    case 'probed': return [text('result'), object(detail['evidence'])['summary']].filter(Boolean).join(': ')
    case 'signed': return [[text('role') && `as ${text('role')}`, object(detail['answer'])['note']].filter(Boolean).join(': '), answersOf(detail), evidenceOf(facts)].filter(Boolean).join(' · ')
    case 'attested': return [`by hand on ${text('date') ?? '?'}`, text('role') && `as ${text('role')}`, evidenceOf(facts)].filter(Boolean).join(' · ')
    case 'adopted': return `as it was found, ${text('uses') ?? ''}`
    case 'issue': return [`${text('issue') ?? '?'} ${text('change') ?? ''}, ${text('severity') ?? ''} ${text('status') ?? ''}`, object(detail['after'])['title']].filter(Boolean).join(': ')
    case 'cancelled': return [text('state'), text('reason')].filter(Boolean).join(': ')
    case 'renamed': return `${text('from') ?? '?'} → ${text('to') ?? '?'}`
    case 'erased': return `${text('values') ?? '?'} values of persons`
    case 'assigned': return facts['assigned'] === false ? 'given back' : `to ${named(detail['to']) ?? '(erased)'}`
    case 'reminded': return `${named(detail['to']) ?? '(erased)'} of ${Array.isArray(facts['steps']) ? facts['steps'].map(String).join(', ') : '?'}`
    case 'rescheduled': return `go-live ${text('from') ?? '?'} → ${text('to') ?? '?'}: ${text('reason') ?? '(erased)'}`
    case 'waived': return `until ${text('until') ?? '?'}: ${text('reason') ?? '(erased)'}`
    case 'began': return [`${text('procedure')}/${text('occurrence')}`, text('condition'), text('reason') ?? '(erased)'].filter(Boolean).join(': ')
    case 'closed': return `${text('procedure')}/${text('occurrence')}`
    case 'imported': return `${text('created') ?? 0} users made, ${text('changed') ?? 0} changed, ${text('done') ?? '?'} of ${text('of') ?? '?'}`
    case 'reissued': return [text('did'), ...(Array.isArray(facts['secrets']) ? facts['secrets'] : [])].filter(Boolean).join(', ')
    default: return text('reason') ?? text('uses') ?? ''
  }
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
  return Array.isArray(evidence) && evidence.length > 0 ? `evidence ${evidence.map((one) => String(one).slice(0, 12)).join(', ')}` : ''
}

function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}
}

function named(value: Json | undefined): string | null {
  const { name, email } = object(value)
  if (typeof name !== 'string') return null
  return typeof email === 'string' && email !== name ? `${name} <${email}>` : name
}

const LOOKS: Readonly<Record<string, (...pieces: Piece[]) => Piece>> = { done: green, failed: red, undone: yellow, signed: cyan, waived: yellow, rejected: red, reissued: yellow, unlocked: yellow }

export function showLog({ onboarding, head, entries }: Log, out: Output): void {
  out.line(bold(onboarding), dim(`  ${head.seq} entries · head ${head.hash.slice(0, 16)}`))
  out.line()
  if (entries.length === 0) return out.line(dim('No entries.'))
  out.table(entries.map((one): Piece[] => [
    dim(String(one.seq)), dim(out.time(one.at, true)), (LOOKS[one.kind] ?? dim)(one.kind), one.step ?? '', one.who, dim(clip(one.summary, Math.max(20, out.width - 20))),
  ]))
}
