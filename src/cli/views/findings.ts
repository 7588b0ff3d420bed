/** Findings about runbooks, in the forms that people and CI servers read. */
import type { Diagnostic } from '../../errors.ts'
import { github } from '../encode/github.ts'
import { terminal } from '../encode/terminal.ts'
import { junit, type TestCase } from '../encode/junit.ts'

/** What was found in one runbook. */
export interface Findings {
  readonly name: string
  /** Path of its folder, as printed. */
  readonly path: string
  readonly version: string | null
  readonly findings: readonly Diagnostic[]
}

/** `file:line:col: message [rule]`, one line each, without decoration. */
export function asText(runbooks: readonly Findings[]): string {
  const one = ({ file, line, col, message, rule }: Diagnostic): string => (
    `${terminal(`${file}:${line}:${col}: ${message} [${rule}]`)}\n`
  )
  return runbooks.flatMap(({ findings }) => findings.map(one)).join('')
}

/** Annotations of a pull request. */
export function asGithub(runbooks: readonly Findings[]): string {
  return runbooks.flatMap(({ findings }) => findings.map(({ severity, message, rule, file, line, col }) =>
    github({ level: severity, title: rule, message, file, line, col }))).join('')
}

/** One failed case for each finding; one that passed for a runbook without any. */
export function asJunit(runbooks: readonly Findings[]): string {
  const cases = runbooks.flatMap(({ name, findings }): TestCase[] => {
    if (findings.length === 0) return [{ suite: name, name: 'has no findings', state: 'passed', message: null }]
    return findings.map(({ file, line, col, message, rule, severity }) =>
      ({
        suite: name, name: `${file}:${line}:${col} ${rule}`, state: severity === 'error' ? 'failed' : 'skipped',
        message,
      }))
  })
  return junit('onboard runbook lint', cases)
}
