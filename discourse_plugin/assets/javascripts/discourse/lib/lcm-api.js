import { ajax } from "discourse/lib/ajax";

/** What the plugin's server answers to; paths and payloads are those of openapi.yaml. */

function send(type, path, payload) {
  const options = { type };
  if (payload !== undefined) {
    options.contentType = "application/json";
    options.data = JSON.stringify(payload);
  }
  return ajax(path, options);
}

export function showDesk(key) {
  return ajax(`/lcm/desk/${key}.json`);
}

export async function decideDraft(key, draftKey, payload) {
  const path = `/lcm/desk/${key}/drafts/${draftKey}.json`;
  return (await send("PUT", path, payload)).draft;
}

export async function attendLearner(key, userId, payload) {
  const path = `/lcm/desk/${key}/learners/${userId}.json`;
  return (await send("PUT", path, payload)).learner;
}

export async function decideBlocker(key, topicId, payload) {
  const path = `/lcm/desk/${key}/blockers/${topicId}.json`;
  return (await send("PUT", path, payload)).blocker;
}

export async function decideStory(key, postId, action) {
  const path = `/lcm/desk/${key}/stories/${postId}.json`;
  return (await send("PUT", path, { action })).story;
}

/**
 * Sets or takes away one of the topic's marks.
 *
 * @param {number} topicId
 * @param {"pin"|"spotlight"|"blocker"|"practice"|"timer"} mark
 * @param {object} payload - empty for a mark that needs nothing
 * @returns {Promise<object>} the topic's state
 */
export async function setMark(topicId, mark, payload = {}) {
  return (await send("PUT", `/lcm/topics/${topicId}/${mark}.json`, payload))
    .topic;
}

/**
 * Takes away one of the topic's marks.
 *
 * @param {number} topicId
 * @param {"pin"|"spotlight"|"blocker"|"practice"|"timer"} mark
 * @param {number} [postNumber] - of the one post whose mark it is; without it, all such marks of the topic go
 * @returns {Promise<object>} the topic's state
 */
export async function clearMark(topicId, mark, postNumber) {
  const of = postNumber ? `?post_number=${postNumber}` : "";
  const path = `/lcm/topics/${topicId}/${mark}.json${of}`;
  return (await send("DELETE", path)).topic;
}

export function showBox(categoryId) {
  return ajax(`/lcm/box/${categoryId}.json`);
}

export function showPreferences() {
  return ajax("/lcm/preferences.json");
}

export function savePreferences(preferences) {
  return send("PUT", "/lcm/preferences.json", preferences);
}

export async function answerConsent(postId, answer) {
  const path = `/lcm/stories/${postId}/consent.json`;
  return (await send("PUT", path, { answer })).consent;
}

export function showConsole() {
  return ajax("/admin/plugins/discourse-lcm/console.json");
}

export async function showRun(id) {
  return (await ajax(`/admin/plugins/discourse-lcm/runs/${id}.json`)).run;
}

export async function requestRun(payload) {
  const path = "/admin/plugins/discourse-lcm/requests.json";
  return (await send("POST", path, payload)).run;
}
