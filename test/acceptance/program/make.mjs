import { mkdirSync, writeFileSync } from 'node:fs'

const [slug, name] = process.argv.slice(2)
mkdirSync(`out/${slug}`, { recursive: true })
writeFileSync(`out/${slug}/welcome.txt`, `Welcome, ${name}\n`)
console.log(`made for ${name}; ${Object.keys(process.env).filter((key) => key.startsWith('ONBOARD')).length} of our settings seen`)
