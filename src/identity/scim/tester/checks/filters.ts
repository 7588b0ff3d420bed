import { externalId } from '../bench.ts'
import { filter, list, refused, SCHEMA, status, text, whole } from '../expect.ts'
import type { Check, Made, Trial } from '../tester.ts'
import { need } from './users.ts'

/** Filters (RFC 7644 §3.4.2.2), pages (§3.4.2.4), chosen attributes (§3.4.2.5) and sorting (§3.4.2.3). */
export const filters: readonly Check[] = [
  {
    id: 'filter-user-name',
    title: 'A user is found by userName',
    paragraph: 'RFC 7644 §3.4.2.2',
    admin: 'Every sync makes the same users again, or fails on duplicates.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const more = trial.dialect === 'okta' ? '&startIndex=1&count=100' : ''
      for (const name of [made.name, made.name.toUpperCase()])
        await finds(trial, filter('userName', 'eq', name, more), made)
    },
  },
  {
    id: 'filter-external-id',
    title: 'A user is found by externalId',
    paragraph: 'RFC 7644 §3.4.2.2',
    admin: 'Entra ID: users that match by externalId are not found and are made again.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      await finds(trial, filter('externalId', 'eq', externalId(made.name)), made)
    },
  },
  {
    id: 'filter-work-mail',
    title: 'A user is found by the address of its work',
    paragraph: 'RFC 7644 §3.4.2.2',
    dialects: ['rfc', 'entra'],
    admin: 'Entra ID: matching by e-mail address finds nobody.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      await finds(trial, filter('emails[type eq "work"].value', 'eq', made.name), made)
      const home = list(
        trial,
        await trial.send('GET', `/Users${filter('emails[type eq "home"].value', 'eq', made.name)}`),
      )
      if (home?.some((one) => one['id'] === made.id))
        trial.fault('found by the address of its home, which it has not: type and value are not taken together')
    },
  },
  {
    id: 'filter-unquoted',
    title: 'A value without quotes is understood',
    paragraph: 'Entra ID sends it now and then; RFC 7644 §3.4.2.2 wants quotes',
    dialects: ['entra'],
    admin: 'Entra ID: a sync fails now and then.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const answer = await trial.send(
        'GET',
        `/Users?filter=${encodeURIComponent(`externalId eq ${externalId(made.name)}`)}`,
      )
      if (answer.status !== 200) trial.doubt(`answered ${answer.status}; the RFC allows that`)
    },
  },
  {
    id: 'filter-grammar',
    title: 'Every operator of the grammar works',
    paragraph: 'RFC 7644 §3.4.2.2',
    dialects: ['rfc'],
    admin: 'Scoping filters of some directories select the wrong users.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const mine = `userName eq ${JSON.stringify(made.name)}`
      const start = JSON.stringify(made.name.slice(0, 19))
      const found = [
        `userName sw ${start}`,
        `userName co ${JSON.stringify(made.name.slice(3, 18))}`,
        `${mine} and active eq true`,
        `${mine} or active eq false`,
        `not (userName ne ${JSON.stringify(made.name)})`,
        `${mine} and name.givenName pr`,
        `${mine} and meta.lastModified gt "2001-01-01T00:00:00Z"`,
        `${mine} and emails[type eq "work" and value co "@"]`,
      ]
      for (const expression of found) await finds(trial, `?filter=${encodeURIComponent(expression)}&count=100`, made)
      const none = [
        `${mine} and active eq false`,
        `${mine} and not (active eq true)`,
        `${mine} and title pr`,
        `userName ew "onboard-scim-test-nowhere"`,
      ]
      for (const expression of none) {
        const others = list(trial, await trial.send('GET', `/Users?filter=${encodeURIComponent(expression)}`))
        if (others?.some((one) => one['id'] === made.id))
          trial.fault(`${expression} finds a user who does not match it`)
      }
    },
  },
  {
    id: 'bad-filter',
    title: 'A filter that is none is refused',
    paragraph: 'RFC 7644 §3.4.2.2, §3.12',
    admin: 'A mistake in a filter goes unnoticed and every user is synced.',
    async run(trial) {
      refused(
        trial,
        await trial.send('GET', `/Users?filter=${encodeURIComponent('userName eq')}`),
        400,
        'invalidFilter',
      )
    },
  },
  {
    id: 'search',
    title: 'A search by POST finds the same',
    paragraph: 'RFC 7644 §3.4.3',
    dialects: ['rfc'],
    admin: 'Nothing: the known directories do not use it.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const answer = await trial.send('POST', '/Users/.search', {
        schemas: [SCHEMA.search],
        filter: `userName eq ${JSON.stringify(made.name)}`,
        startIndex: 1,
        count: 10,
      })
      if (answer.status === 404 || answer.status === 501)
        return trial.doubt(`answered ${answer.status}: there is no search by POST`)
      const found = list(trial, answer)
      if (found !== undefined && !found.some((one) => one['id'] === made.id))
        trial.fault('does not find the user that GET finds')
    },
  },
  {
    id: 'pages',
    title: 'Pages of a list are stable and do not overlap',
    paragraph: 'RFC 7644 §3.4.2.4',
    admin: 'An import misses some users and shows others twice.',
    async run(trial) {
      need(trial, 'users', 1)
      const ids: (string | undefined)[] = []
      for (const start of [1, 2, 1]) {
        const answer = await trial.send('GET', `/Users?startIndex=${start}&count=1`)
        const found = list(trial, answer)
        if (found === undefined) return
        if (found.length !== 1) trial.fault(`count=1&startIndex=${start} gave ${found.length} users`)
        if (Number(answer.body?.['totalResults']) < 2)
          trial.fault(`totalResults is ${String(answer.body?.['totalResults'])}, and there are at least two users`)
        if (answer.body?.['startIndex'] !== start)
          trial.doubt(`startIndex is ${JSON.stringify(answer.body?.['startIndex'] ?? null)} in the answer to ${start}`)
        ids.push(text(found[0]?.['id']))
      }
      if (ids[0] === ids[1]) trial.fault('the first and the second page are the same user')
      if (ids[0] !== ids[2])
        trial.fault('the first page has another user when asked for again: the order is not stable')
    },
  },
  {
    id: 'count-zero',
    title: 'A count of 0 gives the number alone',
    paragraph: 'RFC 7644 §3.4.2.4',
    dialects: ['rfc'],
    admin: 'Nothing, or an import that loads everybody to count them.',
    async run(trial) {
      need(trial, 'users', 0)
      const answer = await trial.send('GET', '/Users?count=0')
      const found = list(trial, answer)
      if (found !== undefined && found.length > 0) trial.fault(`gave ${found.length} users`)
      if (found !== undefined && Number(answer.body?.['totalResults']) === 0)
        trial.fault(`totalResults is ${String(answer.body?.['totalResults'])}`)
    },
  },
  {
    id: 'chosen-attributes',
    title: 'Only the attributes asked for are returned',
    paragraph: 'RFC 7644 §3.4.2.5',
    dialects: ['rfc'],
    admin: 'Syncs are slower than they need be.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const path = `/Users/${encodeURIComponent(made.id)}`
      const only = await trial.send('GET', `${path}?attributes=userName`)
      if (status(trial, only, 200)) {
        if (only.body?.['id'] === undefined)
          trial.fault('attributes=userName leaves out the id, which is always returned')
        if (only.body?.['userName'] === undefined) trial.fault('attributes=userName leaves out userName')
        if (only.body?.['displayName'] !== undefined) trial.fault('attributes=userName returns displayName')
      }
      const without = await trial.send('GET', `${path}?excludedAttributes=displayName`)
      if (status(trial, without, 200) && without.body?.['displayName'] !== undefined)
        trial.fault('excludedAttributes=displayName returns displayName')
    },
  },
  {
    id: 'sorting',
    title: 'Lists are sorted as asked',
    paragraph: 'RFC 7644 §3.4.2.3',
    dialects: ['rfc'],
    admin: 'Nothing: the known directories do not use it.',
    async run(trial) {
      if (trial.bench.features?.sort !== true) trial.skip('the server says that it does not sort')
      const [one, other] = [need(trial, 'users', 0), need(trial, 'users', 1)]
      const either = `userName eq "${one.name}" or userName eq "${other.name}"`
      const path = `/Users?filter=${encodeURIComponent(either)}&sortBy=userName`
      for (const [order, first] of [
        ['ascending', one.name],
        ['descending', other.name],
      ] as const) {
        const found = list(trial, await trial.send('GET', `${path}&sortOrder=${order}`))
        if (found !== undefined && text(found[0]?.['userName'])?.toLowerCase() !== first)
          trial.fault(`sortOrder=${order} does not begin with ${first}`)
      }
    },
  },
]

/** The query finds this one user and nobody else of ours who does not match. */
async function finds(trial: Trial, query: string, made: Made): Promise<void> {
  const found = list(trial, await trial.send('GET', `/Users${query}`))
  if (found === undefined) return
  const mine = found.filter((one) => one['id'] === made.id)
  const said = decodeURIComponent(query.replace(/^\?filter=/, '').replace(/&.*$/, ''))
  if (mine.length === 0) trial.fault(`${said} does not find ${made.name}`)
  if (mine.length > 1) trial.fault(`${said} finds the same user ${mine.length} times`)
  if (/^\w+ eq "[^"]*"$/.test(said) && found.length > mine.length)
    trial.fault(`${said} finds ${found.length - mine.length} others as well`)
  if (mine[0] !== undefined) whole(trial, mine[0], 'User')
}
