import fc from 'fast-check'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deriveSlug, RESERVED, SLUG } from '../../src/onboarding/slug.ts'

test.each([
  ['Acme Industrial GmbH', 'acme-industrial-gmbh'],
  ['Müller & Söhne', 'muller-and-sohne'],
  ['Großhandel Weiß', 'grosshandel-weiss'],
  ['Łódź Spółka', 'lodz-spolka'],
  ['Smørrebrød ApS', 'smorrebrod-aps'],
  ['Türk Işık', 'turk-isik'],
  ["L'Œuvre d'Été S.A.", 'loeuvre-dete-sa'],
  ['  --Acme--  ', 'acme'],
  ['Ａｃｍｅ', 'acme'],
  ['3M', '3m'],
  ['Acme 株式会社', null],
  ['Гермес', null],
  ['شركة', null],
  ['ΑΒΓ', null],
  ['!!!', null],
])('%s → %s', (name, slug) => {
  expect(deriveSlug(name)).toBe(slug)
})

test('whatever the name, a slug that is derived is a slug', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (name) => {
    const slug = deriveSlug(name)
    return slug === null || SLUG.test(slug)
  }))
})

test('every command word that there is is reserved', () => {
  const words = readdirSync('commands', { recursive: true, encoding: 'utf8' }).flatMap((path) => path.replace(/\.ts$/, '').split('/'))
  for (const word of words.filter((one) => one !== 'index')) expect(RESERVED).toContain(word)
})
