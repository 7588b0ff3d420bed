import { cutByComma, trap } from '../../input/traps.ts'
import { dotted, find, type Path } from '../../input/tree.ts'
import type { Json, Schema } from '../../model.ts'
import { type Checked, checkExpression } from '../cel/check.ts'
import { type Facts, factsOf } from '../cel/facts.ts'
import { type ASTNode, parseExpression } from '../cel/program.ts'
import { ANY, kindsOf, type Shape } from '../cel/shape.ts'
import { parseTemplate } from '../cel/template.ts'
import type { Readable } from '../cel/walk.ts'
import { type Draft, type DraftStep, meant, placeOf, type Rule } from '../draft.ts'
import { inWords, misfits } from '../fit.ts'
import { type Conditions, readableIn, sayExpression } from '../readable.ts'
import { shapeMisfit } from '../shape-fit.ts'

/** The expressions of every step: names, types, absent values; and the inputs against what the action takes. */
export const expressions: Rule = (draft) => {
  const known = new Map<DraftStep, ReadonlySet<string>>()
  const conditions: Conditions = (one) => {
    const found = known.get(one) ?? conditionsOf(one)
    known.set(one, found)
    return found
  }
  const steps = draft.phases.flatMap((phase) => phase.steps)
  for (const step of steps) new StepCheck(draft, step, readableIn(draft, step, conditions)).run()
}

function conditionsOf({ step, phase }: DraftStep): ReadonlySet<string> {
  if (step.when === null) return new Set()
  const parsed = parseExpression(step.when)
  if (!parsed.ok) return new Set([`${phase.phase.id}: ${step.when}`])
  const conjuncts = (node: ASTNode): ASTNode[] => (node.op === '&&' ? node.args.flatMap(conjuncts) : [node])
  return new Set(
    conjuncts(parsed.program.ast).map((node) => node.input.slice(node.start, node.end).replace(/\s+/g, ' ')),
  )
}

class StepCheck {
  readonly #draft: Draft
  readonly #one: DraftStep
  readonly #readable: Readable

  constructor(draft: Draft, one: DraftStep, readable: Readable) {
    this.#draft = draft
    this.#one = one
    this.#readable = readable
  }

  run(): void {
    const { step, path } = this.#one
    const { contexts } = this.#readable
    const outside: Readable = {
      ...this.#readable, contexts: new Map([...contexts].filter(([name]) => name !== 'each')),
    }
    if (step.for_each !== null) {
      const { shape } = this.#check([...path, 'for_each'], step.for_each, 0, new Set(), outside)
      this.#wants([...path, 'for_each'], shape, { type: 'array', items: { type: 'string' } })
    }
    let facts: Facts = new Set()
    if (step.when?.includes('${{')) {
      this.#say([...path, 'when'], 'expression-syntax', 'when is an expression as it is: leave ${{ }} out')
    } else if (step.when !== null) {
      const { shape, ast } = this.#check([...path, 'when'], step.when, 0, facts)
      this.#wants([...path, 'when'], shape, { type: 'boolean' })
      if (ast !== undefined) facts = new Set(factsOf(ast, true))
    }
    step.binds.forEach((bound, i) => this.#bound([...path, 'binds', i], bound))
    // A step does not begin before the date that it counts from is there.
    this.#with(new Set([...facts, ...this.#known()]))
  }

  #known(): string[] {
    const dates = [this.#one.phase.phase.starts?.at, this.#one.step.starts?.at].flatMap((at) => at?.trim() ?? [])
    return dates
      .flatMap((at) => (at === 'onboarding.live_on' ? [at, 'onboarding.day'] : [at]))
      .map((path) => `set:${path}`)
  }

  #say(path: Path, rule: string, message: string, on: 'key' | 'value' = 'value'): void {
    this.#draft.findings.say(this.#one.phase.document, path, rule, message, on)
  }

  #check(path: Path, source: string, start: number, facts: Facts, readable = this.#readable): Checked {
    const checked = checkExpression(source, readable, facts)
    sayExpression(this.#draft.findings, this.#one.phase.document, path, start, checked.findings)
    return checked.findings.length === 0 ? checked : { ...checked, shape: ANY }
  }

  #wants(path: Path, shape: Shape, schema: Schema): void {
    const misfit = shapeMisfit(shape, schema, false)
    if (misfit !== undefined) this.#say(path, 'expression-type', misfit)
  }

  /** A bound path names a field, which may be absent. */
  #bound(path: Path, bound: string): void {
    if (!/^\w+(\.\w+)*$/.test(bound)) {
      this.#say(
        path, 'expression-syntax', `'${bound}' is not a path: write fields with dots, such as handoff.commercial`,
      )
      return
    }
    const [root = '', ...rest] = bound.split('.')
    const found = checkExpression([root, ...rest].join('.?'), this.#readable).findings
    // Every field has one character more here than in the file.
    const dots = [...bound.matchAll(/\./g)].map(({ index }, i) => index + i)
    const moved = found.map((one) => ({ ...one, offset: one.offset - dots.filter((dot) => dot < one.offset).length }))
    sayExpression(this.#draft.findings, this.#one.phase.document, path, 0, moved)
  }

  #with(facts: Facts): void {
    const { step, path } = this.#one
    const shapes = new Map<string, Shape>()
    this.#texts(step.with, [...path, 'with'], facts, shapes)
    const input = this.#draft.actions.get(step.uses)?.input
    if (input === undefined) return
    const missing = misfits(step.with, input, (_value, schema, inner, optional) => {
      const shape = shapes.get(inner.join('\0'))
      if (shape === undefined) return undefined
      const message = shapeMisfit(shape, schema, optional)
      return message === undefined ? [] : [{ path: inner, rule: 'input-type', message }]
    })
    for (const { path: inner, rule, message, known } of missing) {
      const last = inner.at(-1)
      const at = [...path, 'with', ...inner]
      const name = inner.length === 0 ? '' : `${dotted(inner)}: `
      if (rule === 'input-unknown') {
        // `{ text: 5,000 users }` is the text 5 and a key of its own.
        const cut = cutByComma(String(last)) ?? meant(String(last), known ?? [])
        this.#say(at, rule, `${step.uses} takes no '${dotted(inner)}'${cut}`, 'key')
      } else if (rule === 'input-missing') this.#missing(inner, message)
      else if (!this.#refused(at)) this.#say(at, rule, `${name}${message}${this.#trapAt(at, message)}`)
    }
  }

  /** Whether the value was refused for itself when its file was read; it is not refused again for what became of it. */
  #refused(path: Path): boolean {
    const { document } = this.#one.phase
    const { line, col } = placeOf(document, path)
    return document.diagnostics.some((one) => one.line === line && one.col === col)
  }

  /** `no` is a text, and was meant as false. */
  #trapAt(path: Path, message: string): string {
    const { node } = find(this.#one.phase.document.tree, path)
    const trapped = node?.kind === 'scalar' && node.style === 'plain' ? trap(node.source) : undefined
    return trapped?.meant === 'boolean' && message.startsWith('true or false') ? `: ${trapped.message}` : ''
  }

  #missing(inner: Path, message: string): void {
    const { step, path } = this.#one
    const { document } = this.#one.phase
    const whole = [...path, 'with', ...inner]
    const there = inner.length > 0 || Object.keys(step.with).length > 0
    const at = there ? whole : [...path, 'uses']
    this.#draft.findings.say(
      document, at, 'input-missing', `${step.uses}: ${message} in ${dotted(['with', ...inner])}`, 'key',
    )
  }

  /** Checks the expressions in every text of `with`; of a text that is one expression the shape is kept. */
  #texts(value: Json, path: Path, facts: Facts, shapes: Map<string, Shape>): void {
    if (Array.isArray(value)) value.forEach((item, i) => this.#texts(item, [...path, i], facts, shapes))
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.#texts(item, [...path, key], facts, shapes)
    } else if (typeof value === 'string' && value.includes('${{')) {
      shapes.set(path.slice(this.#one.path.length + 1).join('\0'), this.#text(value, path, facts))
    }
  }

  #text(value: string, path: Path, facts: Facts): Shape {
    const template = parseTemplate(value)
    if (template.kind === 'plain') return ANY
    if (template.kind === 'unclosed') {
      sayExpression(this.#draft.findings, this.#one.phase.document, path, template.offset, [
        { offset: 0, rule: 'expression-syntax', message: '${{ has no }} that ends it' },
      ])
      return ANY
    }
    if (template.kind === 'single') return this.#check(path, template.source, template.offset, facts).shape
    for (const part of template.parts) {
      if (part.kind === 'text') continue
      const { shape } = this.#check(path, part.source, part.offset, facts)
      const kinds = [...(kindsOf(shape.schema) ?? [])]
      const unfit = kinds.filter((kind) => kind === 'list' || kind === 'map' || kind === 'null')
      if (!shape.optional && unfit.length === 0) continue
      const what = shape.optional ? 'a value that may be absent (add .orValue(…))' : inWords(unfit)
      sayExpression(this.#draft.findings, this.#one.phase.document, path, part.offset, [
        {
          offset: part.source.search(/\S|$/),
          rule: 'expression-type',
          message: `inside text there can be text, a number, true or false, not ${what}`,
        },
      ])
    }
    return { schema: { type: 'string' } }
  }
}
