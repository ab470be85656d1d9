const DModal = <template>
  <div class="d-modal" role="dialog" aria-label={{@title}} ...attributes>
    {{#if @flash}}<div class="alert">{{@flash}}</div>{{/if}}
    <div class="d-modal__body">{{yield to="body"}}</div>
    <div class="d-modal__footer">{{yield to="footer"}}</div>
  </div>
</template>;

export default DModal;
