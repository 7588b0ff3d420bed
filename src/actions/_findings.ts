/** Probes that look at several things: what each says, and what all say together. */
import type { Evidence, Json } from '../model.ts'

export interface Finding {
  readonly name: string
  readonly result: 'pass' | 'warn' | 'fail' | 'not_checked'
  readonly said: string
}

/** The worst counts; what was not looked at is never said to pass. */
export function sum(findings: readonly Finding[], more: Readonly<Record<string, Json>> = {}): Evidence {
  const of = (result: Finding['result']) =>
    findings.filter((one) => one.result === result).map(({ name, said }) => `${name}: ${said}`)
  const [failed, unseen, warned] = [of('fail'), of('not_checked'), of('warn')]
  const data = { ...more, findings: findings.map((one) => ({ ...one })) }
  if (failed.length > 0) return { result: 'fail', summary: failed.join('; '), data }
  if (unseen.length > 0) return { result: 'not_checked', reason: unseen.join('; ') }
  if (warned.length > 0) return { result: 'warn', summary: warned.join('; '), data }
  return { result: 'pass', summary: findings.length === 1 ? '1 check' : `${findings.length} checks`, data }
}

/** Of a step whose target the config does not name. */
export const NO_PAGE: Evidence = { result: 'not_checked', reason: 'the config names no page to look at (probes.url)' }
