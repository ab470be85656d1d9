# frozen_string_literal: true

# The worker was there and is not heard of any more.
class ProblemCheck::LcmWorkerSilent < ProblemCheck
  self.priority = "high"
  self.perform_every = 10.minutes

  def call
    return no_problem if !SiteSetting.lcm_enabled || DiscourseLcm::Worker.health != :silent
    problem
  end

  private

  def translation_data(*)
    { minutes: SiteSetting.lcm_worker_silent_minutes }
  end
end
