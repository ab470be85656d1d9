export const LinkTo = <template>
  <a
    href="#"
    data-route={{@route}}
    data-model={{@model}}
    ...attributes
  >{{yield}}</a>
</template>;
