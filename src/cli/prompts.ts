import type { Json } from '../model.ts'
import { answerOf } from '../onboarding/intake-answer.ts'
import type { IntakeQuestion } from '../onboarding/intake-questions.ts'
import { terminal } from './encode/terminal.ts'
import type { Io } from './output.ts'
import { asking } from './question.ts'

/** What is wrong with an answer; undefined where nothing is. */
type Wrong = (answer: Json) => string | undefined

/**
 * Asks one question of the handoff at the terminal, until the answer is right.
 * @param before what was answered earlier
 */
export async function askIntake(question: IntakeQuestion, wrong: Wrong, io: Io, before?: Json): Promise<Json> {
  const message = `${question.field} ${question.text}`
  if (question.kind === 'yes') {
    const word = await choose(message, ['yes', 'no'], io, before === false ? 'no' : 'yes')
    return word === 'yes'
  }
  if (question.kind === 'choice') {
    const answer = await choose(message, question.choices, io, before)
    const problem = wrong(answer)
    if (problem === undefined) return answer
    io.stderr.write(`${terminal(problem)}\n`)
    return askIntake(question, wrong, io, before)
  }
  return question.kind === 'pairs' ? pairs(question, wrong, io) : text(question, message, wrong, io, before)
}

/** One of several words, with the arrow keys or by its first letters. */
export async function choose(message: string, words: readonly string[], io: Io, before?: Json): Promise<string> {
  const { select } = await import('@inquirer/prompts')
  const choices = words.map((value) => ({ value, name: terminal(value) }))
  const start = words.find((word) => word === before)
  return asking(
    io,
    (context) => select({ message, choices, loop: false, ...(start === undefined ? {} : { default: start }) }, context),
  )
}

async function text(question: IntakeQuestion, message: string, wrong: Wrong, io: Io, before?: Json): Promise<Json> {
  const { input } = await import('@inquirer/prompts')
  const offered = shown(before ?? question.fallback)
  const open = question.optional && offered === undefined ? ' (empty: left open)' : ''
  const hint = question.kind === 'list' ? ' (parted by commas; empty: none)' : open
  const config = {
    message: `${message}${hint}`,
    ...(offered === undefined ? {} : { default: offered }),
    validate: (typed: string) => wrong(answerOf(question, typed)) ?? true,
  }
  return answerOf(question, await asking(io, (context) => input(config, context)))
}

/** Several things of the same keys, one after the other, until the first key is left empty. */
async function pairs(question: IntakeQuestion, wrong: Wrong, io: Io): Promise<Json> {
  const { input } = await import('@inquirer/prompts')
  const [first = '', ...others] = question.keys
  const all: Record<string, Json>[] = []
  for (;;) {
    const put = (key: string, rest: Record<string, Json>, hint: string): Promise<string> => {
      const validate = (typed: string) => {
        const isEnd = typed.trim() === '' && key === first
        return isEnd || (wrong([...all, { ...rest, [key]: typed.trim() }]) ?? true)
      }
      const message = `${question.field}[${all.length}].${key} ${hint}`
      return asking(io, (context) => input({ message, validate }, context))
    }
    const name = (await put(first, {}, all.length === 0 ? `${question.text} (empty: none)` : '(empty: no more)')).trim()
    if (name === '') return all
    const one: Record<string, Json> = { [first]: name }
    for (const key of others) one[key] = (await put(key, one, '')).trim()
    all.push(one)
  }
}

function shown(value: Json | undefined): string | undefined {
  if (value === null || value === undefined) return undefined
  return Array.isArray(value) ? value.join(', ') : String(value)
}
