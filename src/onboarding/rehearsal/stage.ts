/** An onboarding that is nowhere: inputs that were checked, actions that only remember, a journal in memory. */
import type { Catalogue, Evaluator, Work } from '../../engine/ports.ts'
import type { ActionSchemas, JsonObject, Phase, Runbook } from '../../model.ts'
import { dateIn } from '../calendar.ts'
import { configContext, type Config } from '../config.ts'
import type { CheckedHandoff } from '../handoff.ts'
import { fakeCatalogue, type Behaviour } from './fakes.ts'

/** A journal whose clock is moved by hand. */
export type StagedJournal = Pick<Work, 'reading' | 'session' | 'append' | 'store'> & {
  now(): string
  moveTo(instant: string): void
}

/** What is staged of a runbook. */
export interface Props {
  readonly runbook: Runbook
  readonly schemas: ActionSchemas
  readonly evaluator: Evaluator
  /** Actions whose code may be loaded; of these only those run that touch nothing. */
  readonly actions: Catalogue
  /** Tells the error of an action that reached for the world. */
  isOutside(error: unknown): boolean
}

/** The Work of an onboarding by these inputs, which nobody but this process sees. `checked` has a document. */
export function staged(
  props: Props, checked: CheckedHandoff, config: Config, journal: StagedJournal, behaviour: Behaviour,
): Work {
  const document: JsonObject = checked.document ?? {}
  const { slug, name: company } = document['company'] as { slug: string; name: string }
  const { name, version, digest } = props.runbook
  return {
    onboarding: {
      id: '00000000-0000-4000-8000-000000000000', key: slug, slug, name: '', company, opened_at: journal.now(),
      runbook: { name, version, digest },
    },
    runbook: withoutPauses(props.runbook),
    inputs: {
      handoff: document,
      discovery: checked.discovery,
      config: configContext(config),
      onboarding: {
        slug, tenant_slug: slug, key: slug, name: '', company, title: company,
        get today() { return dateIn(journal.now(), config.time_zone) },
      },
    },
    evaluator: props.evaluator,
    catalogue: fakeCatalogue(props.schemas, props.actions, behaviour, props.isOutside),
    actor: { name: 'runbook test', email: null, how: 'os', verified: false },
    reading: journal.reading, session: journal.session, append: journal.append, store: journal.store,
    secrets: { ready: async () => undefined, deliver: async () => undefined },
    emit: () => undefined,
  }
}

/** Nobody waits for a retry here. */
function withoutPauses(runbook: Runbook): Runbook {
  const calm = (phase: Phase): Phase => ({ ...phase, steps: phase.steps.map((step) => ({ ...step, retry: null })) })
  return { ...runbook, phases: runbook.phases.map(calm), procedures: runbook.procedures.map(calm) }
}
