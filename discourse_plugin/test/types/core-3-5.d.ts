// What Discourse 3.5 has and the published types, which are of a newer core, no longer declare.
declare module "ember-route-template" {
  export default function RouteTemplate<T>(component: T): T;
}
