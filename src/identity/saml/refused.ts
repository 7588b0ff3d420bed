import { LoginRefused, type Stage } from '../login/types.ts'

/** Refuses: the code for machines, the sentence for an administrator, what may be done about it. */
export function refuse(stage: Stage, code: string, reason: string, suggestion: string | null = null): never {
  throw new LoginRefused(stage, code, reason, suggestion)
}
