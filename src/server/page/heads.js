/** What an answer and `/info` say of a head. */

/** Accepted labels, best first: a list for a multi-label head, one label for a one-of head. */
export const acceptedOf = (head) => [head.accepted].flat().filter((label) => label != null);

/** The head with names and thresholds as `/info` tells them; its id alone where it does not. */
export const describedHead = (id, info) => info?.heads?.find((head) => head.id === id) ?? { id };
