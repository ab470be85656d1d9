const ConditionalLoadingSpinner = <template>
  {{#if @condition}}<div class="spinner"></div>{{else}}{{yield}}{{/if}}
</template>;

export default ConditionalLoadingSpinner;
