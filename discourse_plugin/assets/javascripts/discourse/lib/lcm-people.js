/** Searching, sorting and paging the learners of a cohort. */

export const PER_PAGE = 25;

const ORDERS = {
  hand: (a, b) => b.needs_hand - a.needs_hand || oldest("last_seen_at", a, b),
  name: () => 0,
  seen: (a, b) => oldest("last_seen_at", a, b),
  posted: (a, b) => oldest("last_posted_at", a, b),
  posts: (a, b) => b.posts - a.posts,
  given: (a, b) => given(b) - given(a),
  received: (a, b) => received(b) - received(a),
};

export const SORTS = Object.keys(ORDERS);

function oldest(field, a, b) {
  return (Date.parse(a[field]) || 0) - (Date.parse(b[field]) || 0);
}

function given(learner) {
  return learner.replies_given + learner.likes_given;
}

function received(learner) {
  return learner.replies_received + learner.likes_received;
}

export function displayName(user) {
  return user.name?.trim() || user.username;
}

function plain(text) {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

/** @returns {object[]} the users whose name or username has every word that was typed; accents and case aside */
export function findUsers(users, search) {
  const words = plain(search).split(/\s+/).filter(Boolean);
  return users.filter((user) => {
    const text = plain(`${user.name ?? ""} ${user.username}`);
    return words.every((word) => text.includes(word));
  });
}

/**
 * One page of the people that were asked for.
 *
 * @param {object[]} learners
 * @param {{ search?: string, onlyHand?: boolean, sort?: string, page?: number }} wish - pages count from 1
 * @returns {{ rows: object[], total: number, page: number, pages: number }}
 */
export function arrange(learners, { search = "", onlyHand, sort, page = 1 }) {
  const found = new Set(
    findUsers(
      learners.map((learner) => learner.user),
      search
    )
  );
  const wanted = learners.filter(
    (learner) => found.has(learner.user) && (!onlyHand || learner.needs_hand)
  );
  const collator = new Intl.Collator(document.documentElement.lang || "en");
  const byName = (a, b) =>
    collator.compare(displayName(a.user), displayName(b.user));
  const order = ORDERS[sort] ?? ORDERS.hand;
  wanted.sort((a, b) => order(a, b) || byName(a, b));

  const pages = Math.max(1, Math.ceil(wanted.length / PER_PAGE));
  const shown = Math.min(Math.max(1, page), pages);
  return {
    rows: wanted.slice((shown - 1) * PER_PAGE, shown * PER_PAGE),
    total: wanted.length,
    page: shown,
    pages,
  };
}
