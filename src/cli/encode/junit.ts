import { xml } from './xml.ts'

export interface TestCase {
  readonly suite: string
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly message: string | null
}

/** Cases as a JUnit XML document, as CI servers read it. */
export function junit(name: string, cases: readonly TestCase[]): string {
  const suites = Map.groupBy(cases, (one) => one.suite)
  const count = (all: readonly TestCase[], state: TestCase['state']) => all.filter((one) => one.state === state).length
  const counts = (all: readonly TestCase[]) => (
    `tests="${all.length}" failures="${count(all, 'failed')}" skipped="${count(all, 'skipped')}"`
  )
  const body = [...suites].map(([suite, all]) => {
    const lines = all.map(testcase)
    return [`  <testsuite name="${xml(suite)}" ${counts(all)}>`, ...lines, '  </testsuite>'].join('\n')
  })
  const opened = `<testsuites name="${xml(name)}" ${counts(cases)}>`
  return ['<?xml version="1.0" encoding="UTF-8"?>', opened, ...body, '</testsuites>', ''].join('\n')
}

function testcase({ suite, name, state, message }: TestCase): string {
  const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}"`
  if (state === 'passed') return `${open}/>`
  const inner = state === 'failed' ? 'failure' : 'skipped'
  return `${open}><${inner} message="${xml(message ?? '')}"/></testcase>`
}
