import type { Diagnostic } from '../../errors.ts'
import { github } from '../encode/github.ts'
import { junit, type TestCase } from '../encode/junit.ts'
import type { RunbookTestResult } from '../rehearsals.ts'

/** Results of runbook tests as CI servers read them: an annotation for each failure, or a case for each test. */
export function testsAs(format: 'github' | 'junit', runbooks: readonly RunbookTestResult[]): string {
  if (format === 'github') {
    const failures = runbooks.flatMap(({ tests }) => tests.flatMap(({ name, failures: all }) => (
      all.map(({ file, line, col, message }) => ({ level: 'error', title: name, message, file, line, col } as const))
    )))
    return failures.map(github).join('')
  }
  const said = ({ file, line, col, message }: Diagnostic): string => `${file}:${line}:${col}: ${message}`
  const cases = runbooks.flatMap(({ name: suite, tests }) => tests.map(({ name, passed, failures }): TestCase => ({
    suite, name, state: passed ? 'passed' : 'failed',
    message: passed ? null : failures.map(said).join('\n'),
  })))
  return junit('onboard runbook test', cases)
}
