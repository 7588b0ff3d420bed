import type { Config } from '../onboarding/config.ts'
import { wrongAnswer } from '../onboarding/intake-answer.ts'
import { applying, intakeQuestions, type Answers, type IntakeQuestion } from '../onboarding/intake-questions.ts'
import { OnboardError } from '../errors.ts'
import { writeDraft } from './draft.ts'
import type { Io } from './output.ts'
import { askIntake, choose } from './prompts.ts'

interface Interview {
  readonly io: Io
  readonly config: Config
  /** `YYYY-MM-DD` */
  readonly today: string
  /** Where the draft is kept, and how the command to go on is typed. */
  readonly draft: { readonly path: string; readonly shown: string; readonly again: string }
  /** Shows the answers as a whole, before they are confirmed. */
  summary(answers: Answers): void
}

/**
 * Asks what is not answered yet, keeping the draft after each answer; then shows all, and lets it be confirmed or
 * changed. Throws interrupted where it is left, with the draft kept.
 */
export async function interview(given: Answers, about: Interview): Promise<Answers> {
  let answers = usable(given, about)
  try {
    for (;;) {
      answers = await askRest(answers, about)
      about.summary(answers)
      const all = intakeQuestions(answers, about.config)
      const said = await choose('Is this right?', ['write it', 'change an answer', 'leave it as a draft'], about.io)
      if (said === 'write it') return answers
      if (said === 'leave it as a draft') throw left(about, Object.keys(answers).length)
      const field = await choose('Which answer?', all.map((one) => one.field), about.io)
      const question = all.find((one) => one.field === field)
      if (question) answers = await askOne(question, answers, about)
    }
  } catch (error) {
    const isLeft = error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')
    if (isLeft) throw left(about, Object.keys(answers).length)
    throw error
  }

  function left({ draft }: Interview, count: number): OnboardError {
    const said = count === 1 ? '1 answer is' : `${count} answers are`
    const kept = count === 0 ? 'nothing was answered yet' : `${said} kept in ${draft.shown}`
    return new OnboardError('interrupted', 'draft-kept', `Left at a question; ${kept}.`, { suggestions: [draft.again] })
  }

  async function askRest(from: Answers, { config }: Interview): Promise<Answers> {
    answers = from
    // What applies depends on the answers, so the next question is looked for after each.
    for (let next = open(answers, config); next !== undefined; next = open(answers, config)) {
      answers = await askOne(next, answers, about)
    }
    return answers
  }
}

function open(answers: Answers, config: Config): IntakeQuestion | undefined {
  return intakeQuestions(answers, config).find(({ field }) => answers[field] === undefined)
}

async function askOne(
  question: IntakeQuestion, answers: Answers, { io, config, today, draft }: Interview,
): Promise<Answers> {
  const others = Object.fromEntries(Object.entries(answers).filter(([field]) => field !== question.field))
  const wrong = (answer: Answers[string]) => wrongAnswer(question, answer, { answers: others, config, today })
  const answer = await askIntake(question, wrong, io, answers[question.field])
  const next = applying({ ...answers, [question.field]: answer }, config)
  await writeDraft(draft.path, next)
  return next
}

/**
 * Answers of a draft that still hold: a date may have passed, a tier of the config may have gone, since it was written.
 */
function usable(given: Answers, { config, today }: Interview): Answers {
  let answers: Answers = {}
  const refused = new Set<string>()
  for (;;) {
    const next = intakeQuestions(answers, config).find(
      ({ field }) => answers[field] === undefined && !refused.has(field),
    )
    if (next === undefined) return answers
    const answer = given[next.field]
    const holds = answer !== undefined && wrongAnswer(next, answer, { answers, config, today }) === undefined
    if (holds) answers = { ...answers, [next.field]: answer }
    else refused.add(next.field)
  }
}
