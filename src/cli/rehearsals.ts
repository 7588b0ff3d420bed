/** The tests of a runbook: found beside it, read, run. */
import { createMemoryJournal, NoWorld } from '../journal/memory.ts'
import type { Catalogue } from '../engine/ports.ts'
import type { Diagnostic } from '../errors.ts'
import { readDocument, type Parsed } from '../input/document.ts'
import { shippedSchema } from '../input/shipped.ts'
import type { JsonObject, Outcome } from '../model.ts'
import type { Config } from '../onboarding/config.ts'
import { coverageOf, type Coverage, type Reached } from '../onboarding/rehearsal/coverage.ts'
import { rehearse, type Stage } from '../onboarding/rehearsal/rehearse.ts'
import type { RehearsalTest, Script } from '../onboarding/rehearsal/script.ts'
import { createEvaluator } from '../runbook/evaluate.ts'
import { resolvePath } from '../runbook/files.ts'
import type { ValidRunbook } from './valid-runbook.ts'

export interface TestResult {
  readonly name: string
  readonly file: string
  readonly passed: boolean
  readonly failures: readonly Diagnostic[]
  /** How each step ended last. */
  readonly outcomes: Readonly<Record<string, Outcome>>
}

export interface RunbookTestResult {
  readonly name: string
  readonly version: string
  readonly tests: readonly TestResult[]
  /** null: a file of tests is not in its form, so nobody knows what it would have reached. */
  readonly coverage: Coverage | null
}

/** Runs every `*.test.yaml` in a runbook's folder; a file that is not in its form is a test that failed. */
export async function testRunbook(valid: ValidRunbook, actions: Catalogue, config: Config): Promise<RunbookTestResult> {
  const { runbook, schemas, source } = valid
  const show = source.show ?? ((path: string) => path)
  const tests: TestResult[] = []
  const reached: Reached[] = []
  let unread = false
  for (const [path, bytes] of source.files) {
    if (!path.startsWith(`${source.root}/`) || !path.endsWith('.test.yaml')) continue
    const file = show(path)
    const document = readDocument(bytes, { file, schema: shippedSchema('runbook-test') })
    const errors = document.diagnostics.filter(({ severity }) => severity === 'error')
    if (document.value === undefined || errors.length > 0) {
      unread = true
      tests.push({ name: 'is in its form', file, passed: false, failures: errors, outcomes: {} })
      continue
    }
    const { tests: all } = document.value as unknown as Script
    for (const [at, test] of all.entries()) {
      const stage: Stage = {
        runbook, schemas, actions, config,
        evaluator: createEvaluator(runbook, schemas),
        source: (given, name) => inputOf(given, name, path, valid, document, at),
        journal: createMemoryJournal,
        isOutside: (error) => error instanceof NoWorld,
      }
      const result = await one(test, stage, document, at)
      reached.push(result)
      tests.push({
        name: test.test, file, passed: result.failures.length === 0, failures: result.failures,
        outcomes: Object.fromEntries(result.outcomes),
      })
    }
  }
  const all: Reached = {
    outcomes: reached.flatMap(({ outcomes }) => outcomes), rows: reached.flatMap(({ rows }) => rows),
  }
  return { name: runbook.name, version: runbook.version, tests, coverage: unread ? null : coverageOf(runbook, all) }
}

/** Thrown where a test names a file that is not there. */
class NoSuchInput extends Error {
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

async function one(test: RehearsalTest, stage: Stage, document: Parsed, at: number) {
  const placed = (path: readonly (string | number)[], message: string): Diagnostic => ({
    ...document.locate(['tests', at, ...path]), message, rule: 'expected', severity: 'error',
  })
  try {
    const { failures, ...reached } = await rehearse(test, stage)
    return { ...reached, failures: failures.map(({ path, message }) => placed(path, message)) }
  } catch (error) {
    if (!(error instanceof NoSuchInput)) throw error
    return { outcomes: [], rows: [], failures: [placed([error.field], error.message)] }
  }
}

/** A file of the runbook's own folder, or the value as it stands in the test. */
function inputOf(
  given: string | JsonObject, name: string, path: string, { source }: ValidRunbook, document: Parsed, at: number,
) {
  if (typeof given !== 'string') {
    const { line } = document.locate(['tests', at, name])
    return { bytes: new TextEncoder().encode(JSON.stringify(given)), file: `${name} of line ${line}.json` }
  }
  const target = resolvePath(path.split('/').slice(0, -1).join('/'), given)
  const bytes = target === undefined ? undefined : source.files.get(target)
  if (target === undefined || bytes === undefined) {
    throw new NoSuchInput(name, `there is no file ${given} in the folder of this runbook`)
  }
  return { bytes, file: source.show?.(target) ?? target }
}
