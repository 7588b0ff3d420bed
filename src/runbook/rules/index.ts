import type { Rule } from '../draft.ts'
import { expressions } from './expressions.ts'
import { ids } from './ids.ts'
import { milestones } from './milestones.ts'
import { needs } from './needs.ts'
import { occasions } from './occasions.ts'
import { ownership } from './ownership.ts'
import { procedures } from './procedures.ts'
import { roles } from './roles.ts'
import { starts } from './starts.ts'
import { templates } from './templates.ts'
import { uses } from './uses.ts'

/** All rules beyond the form of the files. A new one is one file, and one line here. */
export const RULES: readonly Rule[] = [
  ids, roles, needs, uses, milestones, starts, occasions, expressions, ownership, procedures, templates,
]
