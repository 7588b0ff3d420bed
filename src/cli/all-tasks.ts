/** What is open in every onboarding of the database, with no look at those of which one was kept. */
import { assignedOf } from '../onboarding/assigned.ts'
import { issueItems } from '../onboarding/issue-items.ts'
import { itemsOn, type OpenItem } from '../onboarding/tasks.ts'
import type { Context } from './context.ts'
import type { KeptLook } from '../journal/looks.ts'
import { eachLook } from './looks.ts'

/** In no particular order. People's names are not kept with looks: they are read anew, of all with one question. */
export async function allTasks(context: Context): Promise<OpenItem[]> {
  const [now, today, config] = [await context.now(), await context.today(), await context.config()]
  const { issues, contacts } = await context.connected('reader', async (client) => ({
    issues: await (await import('../journal/open-issues.ts')).openIssues(client),
    contacts: await (await import('../journal/first-contacts.ts')).firstContacts(client),
  }))
  const items = itemsOn({ today, config })
  const given: (readonly [id: string, look: KeptLook])[] = []
  const told = await eachLook(context, (id, look): OpenItem[] | null => {
    const { lasting: { state, onboarding, company, assigned }, runbook } = look
    if (state === 'cancelled') return null
    if (assigned) given.push([id, look])
    return [
      ...(assigned ? [] : items(look.lasting, runbook, { assigned: new Map(), contact: contacts.get(id) ?? null })),
      ...issueItems(issues.get(id) ?? [], { onboarding, company, now, config }),
    ]
  })
  if (given.length === 0) return told.flat()
  const { entriesOfKinds } = await import('../journal/of-kinds.ts')
  const ids = given.map(([id]) => id)
  const marks = await context.connected('reader', (client) => entriesOfKinds(client, ['assigned'], ids))
  return [...told.flat(), ...given.flatMap(([id, { lasting, runbook }]) => (
    items(lasting, runbook, { assigned: assignedOf(marks.get(id) ?? []), contact: contacts.get(id) ?? null })
  ))]
}
