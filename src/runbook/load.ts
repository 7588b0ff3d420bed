/** Reads a runbook: files → the compiled Runbook, or everything that is wrong with it. */
import type { Diagnostic } from '../errors.ts'
import { type Parsed, parseOnly, readDocument } from '../input/document.ts'
import { seenSchema } from '../input/seen.ts'
import type { ActionSchemas, Json, Milestone, Runbook, Schema, Threshold } from '../model.ts'
import { inlined } from './cel/shape.ts'
import { type Draft, type DraftPhase, Findings, meant } from './draft.ts'
import { milliseconds } from './duration.ts'
import { bareFormat } from './editor-schema.ts'
import { broughtPaths, digestOf, ownPaths, resolvePath, type RunbookFiles } from './files.ts'
import { ordered } from './order.ts'
import { list, object, readPhase, text, texts } from './read-phase.ts'
import { RULES } from './rules/index.ts'

export type { RunbookFiles } from './files.ts'

export interface Loaded {
  /** undefined where a finding is an error. */
  readonly runbook: Runbook | undefined
  /** By file, line and column. */
  readonly diagnostics: readonly Diagnostic[]
  /** Paths of the files that the digest covers: what an onboarding pins. */
  readonly paths: readonly string[]
}

/**
 * Loads and checks a runbook. `actions` say what each `uses` takes and gives.
 * All findings come at once; the runbook only where none of them is an error. `advise` adds what a linter has to say;
 * `names` are those of actions that could be meant where one is not known.
 */
export function loadRunbook(
  source: RunbookFiles, actions: ActionSchemas, advise?: (draft: Draft) => void,
  names: readonly string[] = [...actions.keys()],
): Loaded {
  const findings = new Findings()
  const show = source.show ?? ((path: string) => path)
  const main = `${source.root}/runbook.yaml`
  const bytes = source.files.get(main)
  if (bytes === undefined) {
    findings.at({ file: show(main), line: 1, col: 1 }, 'missing-file', 'there is no runbook.yaml here')
    return { runbook: undefined, diagnostics: findings.all, paths: [] }
  }
  const document = readDocument(bytes, { file: show(main), schema: ofOurs(source.format.runbook) })
  findings.all.push(...document.diagnostics)
  const value = object(document.value)
  const inputs = readInputs(source, document, findings)
  const phases =
    document.value === undefined ? [] : readPhases(source, document, bareFormat(ofOurs(source.format.phase)), findings)
  const milestones = list(value['milestones']).map((one, i) => ({
    milestone: readMilestone(one), path: ['milestones', i],
  }))
  const thresholds = list(value['thresholds']).map((one, i) => ({ written: object(one), path: ['thresholds', i] }))
  const draft: Draft = {
    document,
    roles: texts(value['roles']),
    phases,
    milestones,
    thresholds,
    inputs: inputs.schemas,
    actions,
    actionNames: names,
    findings,
    others: templatesOf(source, show),
    templates: source.templates,
    templateNames: source.templateNames ?? [],
  }
  for (const rule of RULES) rule(draft)
  if (document.value !== undefined) advise?.(draft)

  const diagnostics = inOrder(findings.all, show(main))
  const uses = phases.flatMap(({ phase }) => phase.steps.map((step) => step.uses))
  const paths = [...new Set([...ownPaths(source), ...inputs.paths, ...broughtPaths(source, uses)])].sort()
  if (document.value === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    return { runbook: undefined, diagnostics, paths }
  }
  const compiled = (one: DraftPhase) => ({ ...one.phase, steps: ordered(one.phase.steps).order })
  const runbook: Runbook = {
    name: text(value['runbook']) ?? '',
    title: text(value['title']) ?? '',
    version: text(value['version']) ?? '',
    effective: text(value['effective']),
    digest: digestOf(source, paths),
    roles: draft.roles,
    phases: ordered(phases.filter(({ procedure }) => !procedure).map(compiled)).order,
    procedures: phases.filter(({ procedure }) => procedure).map(compiled),
    milestones: milestones.map(({ milestone }) => milestone),
    ...(value['thresholds'] === undefined ? {} : { thresholds: list(value['thresholds']).map(readThreshold) }),
    inputs: inputs.schemas,
  }
  return { runbook, diagnostics, paths }
}

function templatesOf({ root, files }: RunbookFiles, show: (path: string) => string): Draft['others'] {
  const paths = [...files].filter(([path]) => path.startsWith(`${root}/templates/`))
  return new Map(
    paths.map(([path, bytes]) => [path, { file: show(path), text: () => new TextDecoder().decode(bytes) }]),
  )
}

function readMilestone(value: Json): Milestone {
  const one = object(value)
  return { id: text(one['id']) ?? '', by: text(one['by']) ?? '', holds: texts(one['holds']) }
}

function readThreshold(value: Json): Threshold {
  const one = object(value)
  const number = (key: string, fallback: number): number => (typeof one[key] === 'number' ? one[key] : fallback)
  return {
    id: text(one['id']) ?? '',
    title: text(one['title']) ?? text(one['id']) ?? '',
    good: one['good'] === 'low' ? 'low' : 'high',
    target: number('target', Number.NaN),
    alert: number('alert', Number.NaN),
    unit: text(one['unit']) ?? '',
    window_ms: milliseconds(text(one['window']) ?? '') ?? null,
    min_samples: number('min_samples', 1),
  }
}

/** Schemas of the inputs by the name that runbook.yaml gives, and of the config where there is one. */
function readInputs(source: RunbookFiles, document: Parsed, findings: Findings) {
  const schemas: Record<string, Schema> = {}
  const paths: string[] = []
  for (const [name, written] of Object.entries(object(object(document.value)['inputs']))) {
    if (typeof written !== 'string') continue
    const path = resolvePath(source.root, written)
    const bytes = path === undefined ? undefined : source.files.get(path)
    if (path === undefined || bytes === undefined) {
      const near = meant(path ?? written, [...source.files.keys()].filter((one) => one.endsWith('.json')))
      const message = `there is no file ${written} in the workspace or among what onboard ships${near}`
      findings.say(document, ['inputs', name], 'missing-file', message)
      continue
    }
    const schema = readSchema(source, path, bytes, findings)
    if (schema !== undefined) schemas[name] = schema
    paths.push(path)
  }
  const config = source.files.get('schemas/config.schema.json')
  const schema = config && readSchema(source, 'schemas/config.schema.json', config, findings)
  if (schema !== undefined) schemas['config'] = schema
  return { schemas, paths }
}

function readSchema(
  { shipped, show }: RunbookFiles, path: string, bytes: Uint8Array, findings: Findings,
): Schema | undefined {
  if (shipped?.has(path) === true) return seen(ofOurs(bytes))
  const { value, diagnostics } = parseOnly(bytes, { file: show?.(path) ?? path })
  findings.all.push(...diagnostics)
  return value === undefined ? undefined : seen(object(value) as Schema)
}

function seen(schema: Schema): Schema {
  return inlined(seenSchema(inlined(schema)))
}

/** A schema that came with onboard: it was read with more care before it was shipped. */
function ofOurs(bytes: Uint8Array): Schema {
  return JSON.parse(new TextDecoder().decode(bytes)) as Schema
}

function readPhases(source: RunbookFiles, document: Parsed, schema: Schema, findings: Findings): DraftPhase[] {
  const value = object(document.value)
  const show = source.show ?? ((path: string) => path)
  const phases: DraftPhase[] = []
  const listed = new Set<string>()
  for (const section of ['phases', 'procedures'] as const) {
    const ids = list(value[section])
    ids.forEach((id, i) => {
      if (typeof id !== 'string') return
      const path = `${source.root}/phases/${id}.yaml`
      const bytes = source.files.get(path)
      if (listed.has(id)) findings.say(document, [section, i], 'duplicate-id', `'${id}' is listed twice`)
      else if (bytes === undefined) {
        findings.say(
          document, [section, i], 'missing-file', `there is no file phases/${id}.yaml${nearPhase(source, id)}`,
        )
      } else {
        const read = readDocument(bytes, { file: show(path), schema })
        findings.all.push(...read.diagnostics)
        const named = object(read.value)['phase']
        if (typeof named === 'string' && named !== id) {
          findings.say(read, ['phase'], 'phase-name', `this file is phases/${id}.yaml, so its phase must be '${id}'`)
        }
        const before = ids[i - 1]
        const phase = readPhase(read, id, path, section === 'phases' && typeof before === 'string' ? before : undefined)
        const draft: DraftPhase = { phase, document: read, procedure: section === 'procedures', steps: [] }
        phase.steps.forEach((step, at) => draft.steps.push({ step, path: ['steps', at], phase: draft }))
        phases.push(draft)
      }
      listed.add(id)
    })
  }
  for (const path of source.files.keys()) {
    const id = phaseOf(source.root, path)
    if (id !== undefined && !listed.has(id)) {
      const message = `phase '${id}' is not listed in runbook.yaml, under phases or procedures`
      findings.at({ file: show(path), line: 1, col: 1 }, 'unlisted-phase', message)
    }
  }
  return phases
}

function phaseOf(root: string, path: string): string | undefined {
  const prefix = `${root}/phases/`
  return path.startsWith(prefix) && !path.endsWith('.test.yaml')
    ? /^([^/]+)\.yaml$/.exec(path.slice(prefix.length))?.[1]
    : undefined
}

function nearPhase(source: RunbookFiles, id: string): string {
  return meant(id, [...source.files.keys()].flatMap((path) => phaseOf(source.root, path) ?? []))
}

/** runbook.yaml first, then the other files by name; within a file from top to bottom; nothing twice. */
function inOrder(all: readonly Diagnostic[], main: string): Diagnostic[] {
  const seen = new Set<string>()
  const kept = all.filter(({ file, line, col, message }) => {
    const key = `${file}:${line}:${col}:${message}`
    return !seen.has(key) && seen.add(key)
  })
  const rank = (file: string) => (file === main ? '' : file)
  const byFile = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return kept.sort((a, b) => byFile(rank(a.file), rank(b.file)) || a.line - b.line || a.col - b.col)
}
