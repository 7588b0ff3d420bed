import { github } from '../encode/github.ts'
import { junit } from '../encode/junit.ts'
import type { RunbookTestResult } from '../rehearsals.ts'

/** Results of runbook tests as CI servers read them: an annotation for each failure, or a case for each test. */
export function testsAs(format: 'github' | 'junit', runbooks: readonly RunbookTestResult[]): string {
  if (format === 'github') {
    return runbooks.flatMap(({ tests }) => tests.flatMap(({ name, failures }) =>
      failures.map(({ file, line, col, message }) => github({ level: 'error', title: name, message, file, line, col })))).join('')
  }
  return junit('onboard runbook test', runbooks.flatMap(({ name: suite, tests }) => tests.map(({ name, passed, failures }) => ({
    suite, name, state: passed ? 'passed' as const : 'failed' as const,
    message: passed ? null : failures.map(({ file, line, col, message }) => `${file}:${line}:${col}: ${message}`).join('\n'),
  }))))
}
