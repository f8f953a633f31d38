/**
 * Columns of many rows as PostgreSQL's array literals (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO):
 * one parameter for thousands of values. The driver makes the same of an array, with a kilobyte of garbage for each value.
 */

/** A literal for `float8[]`. */
export const numberArray = (values: readonly number[]): string => `{${values.join(",")}}`;

/** A literal for `text[]`. */
export const textArray = (values: readonly string[]): string => `{${values.map(quoted).join(",")}}`;

const special = /["\\]/;

function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll(/(["\\])/g, "\\$1")}"` : `"${text}"`;
}
