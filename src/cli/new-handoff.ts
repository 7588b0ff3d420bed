import { access, rm } from 'node:fs/promises'
import { OnboardError, type Diagnostic } from '../errors.ts'
import { invalidHandoff } from '../onboarding/accept.ts'
import type { Feasibility } from '../onboarding/feasibility.ts'
import { feasibleFor } from '../onboarding/feasible-for.ts'
import { checkHandoff, errorsOf } from '../onboarding/handoff.ts'
import { handoffOf, type Answers } from '../onboarding/intake-questions.ts'
import { writeHandoff } from '../onboarding/write-handoff.ts'
import type { Context } from './context.ts'
import { dayOf } from './day.ts'
import { readDraft, writeNew } from './draft.ts'
import { interview } from './intake.ts'
import { quote } from './invocation.ts'
import type { Output } from './output.ts'
import { dim } from './style.ts'
import { runbookOrNone } from './valid-runbook.ts'
import { showDocument } from './views/handoff.ts'

/** A handoff that was written by questions. */
export interface Drafted {
  readonly file: string
  readonly company: string
  readonly slug: string
  readonly completeness: number
  readonly missing: readonly string[]
  readonly warnings: readonly Diagnostic[]
  /** null where several runbooks could be meant. */
  readonly feasibility: Feasibility | null
}

interface Wanted {
  /** `-`: standard output. */
  readonly file: string
  readonly restart: boolean
}

/** Asks for a handoff, writes it, and takes its draft away; the draft stays where anything is in the way. */
export async function newHandoff(context: Context, output: Output, { file, restart }: Wanted): Promise<Drafted> {
  const { io } = context
  const shown = `${file === '-' ? 'handoff.yaml' : file}.draft`
  const path = context.path(shown)
  if (file !== '-') await mustBeFree(context.path(file), file)
  const config = await context.config()
  const today = await dayOf(context)
  const before = restart ? undefined : await readDraft(path, shown)
  output.note(dim(before === undefined
    ? `Ctrl-C leaves at any question; the answers are kept in ${shown}.`
    : `Goes on with the ${Object.keys(before).length} answers of ${shown}.`))
  const summary = (answers: Answers): void => {
    io.stderr.write('\n')
    showDocument(
      handoffOf(answers),
      { ...output, table: (rows) => rows.forEach(([name, value]) => output.note(name, '  ', value)) },
    )
  }
  const again = `onboard handoff new${file === 'handoff.yaml' ? '' : ` --file ${quote(file)}`}`
  const answers = await interview(before ?? {}, { io, config, today, draft: { path, shown, again }, summary })
  const text = writeHandoff(handoffOf(answers))
  const checked = checkHandoff({ bytes: Buffer.from(text), file }, { today, config })
  if (checked.document === null || errorsOf(checked.diagnostics).length > 0) throw again_(file, checked, again)
  // The draft goes only once the handoff is out.
  if (file === '-') io.stdout.write(text)
  else await writeNew(context.path(file), file, text, 'onboard handoff new --file OTHER.yaml')
  await rm(path, { force: true })
  const { name: company, slug } = checked.document['company'] as { name: string; slug: string }
  const runbook = await runbookOrNone(context, undefined)
  const { document, discovery, completeness, missing, diagnostics: warnings } = checked
  const feasibility = runbook === null ? null : await feasibleFor(runbook, { document, discovery }, config, today)
  return { file, company, slug, completeness, missing, warnings, feasibility }
}

/** Answers that do not go together, though each is right by itself: said as `handoff check` says it. */
function again_(file: string, checked: Parameters<typeof invalidHandoff>[1], again: string): OnboardError {
  const { kind, code, message, diagnostics } = invalidHandoff(file, checked)
  return new OnboardError(kind, code, `${message}; the answers are kept`, { diagnostics, suggestions: [again] })
}

async function mustBeFree(path: string, file: string): Promise<void> {
  const there = await access(path).then(() => true, () => false)
  if (!there) return
  throw new OnboardError('conflict', 'file-exists', `${file} is there already`, {
    suggestions: [`onboard handoff check --file ${quote(file)}`, 'onboard handoff new --file OTHER.yaml'],
  })
}
