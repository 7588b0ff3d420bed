import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import type { RunbookGraph } from '../../src/runbook/graph.ts'

interface GraphResult extends RunbookGraph {
  readonly runbook: string
  readonly version: string
  readonly format: 'mermaid' | 'dot' | 'text'
  /** The graph in that format. */
  readonly graph: string
}

/** What comes before what. */
export default class RunbookGraphCommand extends OnboardCommand<typeof RunbookGraphCommand, GraphResult> {
  static override result = 'runbook-graph'
  static override summary = 'Draw the phases and steps of a runbook: what comes before what.'
  static override examples = [
    'onboard runbook graph enterprise',
    'onboard runbook graph enterprise --format mermaid',
    'onboard runbook graph enterprise --format dot',
  ]
  static override args = {
    runbook: Args.string({
      description: 'Name of a runbook, or a folder with a runbook.yaml.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    format: Flags.option({
      options: ['mermaid', 'dot', 'text'] as const,
      description: 'For Mermaid, for Graphviz, or to read.',
      default: 'text' as const,
    })(),
  }

  override async perform(): Promise<Done<GraphResult>> {
    const { validRunbook } = await import('../../src/cli/valid-runbook.ts')
    const { graphOf } = await import('../../src/runbook/graph.ts')
    const { asDot, asGraphText, asMermaid } = await import('../../src/cli/views/graph.ts')
    const { runbook, schemas } = await validRunbook(this.context, this.args.runbook)
    const { format } = this.flags
    const graph = graphOf(runbook, schemas)
    const drawn = {
      mermaid: () => asMermaid(graph, 'steps'),
      dot: () => asDot(graph, runbook.name),
      text: () => asGraphText(graph),
    }[format]()
    return { result: { runbook: runbook.name, version: runbook.version, format, ...graph, graph: drawn } }
  }

  override view(_result: GraphResult, _out: Output): void {}

  protected override rendered({ graph }: GraphResult): string {
    return graph
  }
}
