import type { Check } from '../tester.ts'
import { access, discovery } from './discovery.ts'
import { filters } from './filters.ts'
import { groups, removal } from './groups.ts'
import { updates } from './updates.ts'
import { users } from './users.ts'

/** In the order in which a directory does it; later checks use the users and groups that earlier ones made. */
export const CHECKS: readonly Check[] = [
  ...discovery,
  ...access,
  ...users,
  ...filters,
  ...updates,
  ...groups,
  ...removal,
]
