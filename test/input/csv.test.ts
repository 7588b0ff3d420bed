import { expect, test } from 'vitest'
import { parseCsv } from '../../src/input/csv.ts'

const cells = (text: string) => parseCsv(text).rows.map((row) => [row.line, ...row.cells])

test.each([
  ['lines, and one without an end', 'a,b\n1,2\n3,4', [[1, 'a', 'b'], [2, '1', '2'], [3, '3', '4']]],
  ['carriage returns, empty lines and blanks around', 'a,b\r\n\r\n 1 , 2 \r\n,\r\n', [[1, 'a', 'b'], [3, '1', '2']]],
  ['quotes, doubled ones, separators and line breaks in them', 'a,b\n"1,""x""","2\n3"\n4,5\n', [[1, 'a', 'b'], [2, '1,"x"', '2\n3'], [4, '4', '5']]],
  ['an empty last cell', 'a,b\n1,\n', [[1, 'a', 'b'], [2, '1', '']]],
  ['semicolons where the header has them', 'a;b\n"1;2";3,4\n', [[1, 'a', 'b'], [2, '1;2', '3,4']]],
  ['nothing', '', []],
])('%s', (_what, text, wanted) => {
  expect(cells(text)).toEqual(wanted)
})

test.each([['a,b\n"1,2\n', 'not closed', 4], ['a\n"1"2\n', 'after a quoted cell', 5]])('%j is refused where it is wrong', (text, why, offset) => {
  expect(parseCsv(text).findings).toMatchObject([{ offset, message: expect.stringContaining(why) }])
})
