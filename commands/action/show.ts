import * as Args from '@oclif/core/args'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'
import { OnboardError } from '../../src/errors.ts'
import type { JsonObject, Schema } from '../../src/model.ts'

interface ShowResult {
  readonly name: string
  readonly kind: 'effect' | 'probe' | 'ask'
  readonly title: string
  /**
   * Effects: whether effect and journal entry are one transaction, whether it can be undone, names of secrets it may
   * issue.
   */
  readonly where: 'database' | 'outside' | null
  readonly reversible: boolean | null
  /** How far it is undone, where that is not the whole; else null. */
  readonly undoing: string | null
  readonly issues: readonly string[]
  readonly example: JsonObject
  readonly input: JsonObject
  readonly output: JsonObject
}

/** What an action takes and gives: its reference page. */
export default class ActionShow extends OnboardCommand<typeof ActionShow, ShowResult> {
  static override result = 'action-show'
  static override summary = 'Show what an action does, takes and gives, with an example.'
  static override examples = ['onboard action show tenant.record', 'onboard action show postgres.row --json']
  static override args = {
    action: Args.string({ description: 'Name of the action, as `uses:` has it.', required: true, ignoreStdin: true }),
  }

  override async perform(): Promise<Done<ShowResult>> {
    const { action: name } = this.args
    const catalogue = await this.context.catalogue()
    const action = await catalogue.load(name)
    if (action === undefined) throw await unknown(name, catalogue.names())
    const { kind, title, example, input, output } = action
    const effect = action.kind === 'effect' ? action : undefined
    return {
      result: {
        name,
        kind,
        title,
        where: effect?.where ?? null,
        reversible: effect === undefined ? null : effect.undo !== undefined,
        undoing: effect?.undoing ?? null,
        issues: effect?.issues ?? [],
        example,
        input: input as JsonObject,
        output: output as JsonObject,
      },
    }
  }

  override view(result: ShowResult, out: Output): void {
    const { name, kind, title, where, reversible, undoing, issues, example, input, output } = result
    const traits = [
      kind,
      where === 'database'
        ? 'in one transaction with its journal entry'
        : where === 'outside'
          ? 'outside the database'
          : undefined,
      undoing ?? (reversible === true ? 'can be undone' : reversible === false ? 'cannot be undone' : undefined),
      issues.length === 0 ? undefined : `may issue ${issues.join(', ')}`,
    ]
    out.line(bold(name), `  ${title}`)
    out.line(dim(traits.filter((trait) => trait !== undefined).join('; ')))
    out.line('')
    fields('takes', input, out)
    out.line('')
    fields('gives', output, out)
    out.line('')
    out.line(dim('example'))
    out.line(`  - id: ${name.replaceAll('.', '_')}`)
    out.line(`    uses: ${name}`)
    out.line('    with:')
    // JSON is YAML: each value on its own line reads well enough, and can be pasted.
    for (const [field, value] of Object.entries(example)) out.line(`      ${field}: ${JSON.stringify(value)}`)
  }
}

async function unknown(name: string, names: readonly string[]): Promise<OnboardError> {
  const { nearest } = await import('../../src/input/nearest.ts')
  const near = nearest(name, names)
  const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`
  return new OnboardError('usage', 'unknown-action', `There is no action '${name}'; ${hint}`, {
    suggestions: [near === undefined ? 'onboard action list' : `onboard action show ${near}`],
  })
}

function fields(head: string, schema: Schema, out: Output): void {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>)
  const required = (schema['required'] ?? []) as readonly string[]
  out.line(dim(head))
  if (properties.length === 0) out.line('  nothing')
  out.table(
    properties.map(([name, property]) => [
      required.includes(name) ? bold(name) : name,
      dim(kindOf(property)),
      dim(required.includes(name) && head === 'takes' ? 'required' : ''),
      [
        String(property['description'] ?? ''),
        property['default'] === undefined ? '' : dim(` default ${JSON.stringify(property['default'])}`),
      ],
    ]),
    { indent: 2 },
  )
}

function kindOf(schema: Schema): string {
  const choices = schema['enum'] as readonly unknown[] | undefined
  if (choices !== undefined) return choices.join(' | ')
  const types = [schema['type'] ?? 'any'].flat().filter((type) => type !== 'null')
  const inner = schema['items'] as Schema | undefined
  if (types[0] === 'array') return inner === undefined ? 'list' : `list of ${kindOf(inner)}`
  const inside = Object.keys((schema['properties'] ?? {}) as object)
  return types[0] === 'object' && inside.length > 0 ? `{ ${inside.join(', ')} }` : types.join(' | ')
}
