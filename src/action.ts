/** What an action of a workspace imports, as `onboard/action`. */
export { defineAction, defineAsk, defineProbe, Secret } from './contract.ts'
export type {
  Action, HttpAnswer, HttpRequest, Infer, Letter, Program, ProgramResult, Reader, Row, Sql, TemplateFile, Writer,
} from './contract.ts'
export { OnboardError } from './errors.ts'
export type { Answer, Change, Evidence, Json, JsonObject, Question, Schema } from './model.ts'
