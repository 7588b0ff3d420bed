import { existsSync, readFileSync } from 'node:fs'

const [slug, name] = process.argv.slice(2)
const file = `out/${slug}/welcome.txt`
if (existsSync('broken.txt')) process.exit(3)
process.exit(existsSync(file) && readFileSync(file, 'utf8') === `Welcome, ${name}\n` ? 0 : 1)
