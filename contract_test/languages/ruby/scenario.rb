# frozen_string_literal: true

# Runs the scenario of all languages with the gem that openapi-generator generates from openapi.yaml.

require 'json'
require 'net/http'
require_relative 'client'

URL = JSON.parse(ENV.fetch('TGO_FAKE'))['url']
DIR = File.dirname(ENV.fetch('TGO_SCENARIO'))
SCENARIO = JSON.parse(File.read(ENV.fetch('TGO_SCENARIO'), encoding: 'UTF-8'))

# Reads any JSON, for requests that are not part of the API.
def get(url, key = '')
  JSON.parse(Net::HTTP.get(URI(url), { 'X-Api-Key' => key }).force_encoding('UTF-8'))
end

# The messages that the fake has accepted.
def arrivals
  get(URI.join(URL, '/_fake/messages'))
end

# These attributes of a generated object.
def pick(object, *names)
  names.to_h { |name| [name, object.public_send(name)] }
end

def receipt(result)
  pick(result.data, :id, :sender_number_id, :recipient_user_id, :message_type, :content, :status)
end

def moment(time)
  time&.getutc&.strftime('%Y-%m-%dT%H:%M:%SZ')
end

def call(name, with, key)
  tgo = Tgo.new(URL, key)
  case name
  when 'send_text'
    message = TgoApi::TextMessage.new(type: 'text', **with)
    receipt(tgo.explain('sendMessage') { tgo.api(TgoApi::MessagesApi).send_message_with_json(message) })
  when 'send_media'
    optional = with.slice(:sender_phone, :sender_number_id, :content, :duration, :file_name, :file_size, :file_type)
    optional[:media] = File.open(File.join(DIR, with[:file])) if with[:file]
    receipt(tgo.explain('sendMessage') do
      tgo.api(TgoApi::MessagesApi).send_message_with_form_data(with[:to_phone], with[:type], optional)
    end)
  when 'lookup'
    sender = with.slice(:sender_phone, :sender_number_id)
    contact = tgo.explain('lookupContact') { tgo.api(TgoApi::ContactsApi).lookup_contact(with[:phone], sender) }
    pick(contact, :exists, :can_receive, :reason_code, :recipient_id, :is_verified)
      .merge(phone_verified_at: moment(contact.phone_verified_at))
  when 'log'
    read_log(tgo)
  when 'usage'
    usage = tgo.explain('getUsage') { tgo.api(TgoApi::UsageApi).get_usage }
    { data: usage.data.map { |n| pick(n, :sender_number_id, :sender_phone, :messages_sent) } }
  when 'sender_numbers'
    numbers = tgo.explain('listSenderNumbers') { tgo.api(TgoApi::SenderNumbersApi).list_sender_numbers }
    { data: numbers.data.map { |n| pick(n, :id, :phone, :display_name, :status, :verification_status) } }
  when 'me'
    me = tgo.explain('getMe') { tgo.api(TgoApi::AccountApi).get_me }
    {
      user: me.user.name,
      api_key: me.api_key&.name,
      organization: me.organization.name,
      email_verified: me.organization.email_verified,
      subscription: me.subscription
    }
  when 'subscription'
    subscription = tgo.explain('getSubscription') { tgo.api(TgoApi::AccountApi).get_subscription }
    pick(subscription, :plan, :status, :limits, :usage_snapshot)
  when 'create_key'
    wanted = TgoApi::CreateApiKeyRequest.new(with)
    created = tgo.explain('createApiKey') { tgo.api(TgoApi::APIKeysApi).create_api_key(wanted) }
    {
      begins: created.plain_text_key[0, 4],
      name: created.data&.name,
      scopes: created.data&.scopes,
      status: created.data&.status
    }
  when 'revoke_key'
    tgo.explain('revokeApiKey') { tgo.api(TgoApi::APIKeysApi).revoke_api_key(with[:id]) }
    {}
  when 'register'
    wanted = TgoApi::RegisterSenderNumberRequest.new(with)
    number = tgo.explain('registerSenderNumber') { tgo.api(TgoApi::SenderNumbersApi).register_sender_number(wanted) }.data
    pick(number, :phone, :display_name, :status).merge(verified_at: moment(number.verified_at))
  when 'raw'
    get(URL + with[:path], key)
  when 'arrivals'
    { count: arrivals.size }
  else
    raise ArgumentError, 'no such call'
  end
end

def read_log(tgo)
  entries = []
  page = 0
  loop do
    page += 1
    read = tgo.explain('listMessages') { tgo.api(TgoApi::MessagesApi).list_messages(page: page) }
    entries += read.data
    next if read.links&._next

    return {
      pages: page,
      total: read.meta&.total,
      count: entries.size,
      distinct: entries.map(&:id).uniq.size,
      oldest: entries.last(5).map { |e| pick(e, :sender_number_id, :message_type, :content, :status) }
    }
  end
end

# Compares a value with the expected one. An object may have more fields than expected, but an object that is expected to be
# empty must be empty.
def compare(path, want, got)
  if want.is_a?(Hash) && got.is_a?(Hash) && (want.any? || got.empty?)
    want.each { |name, value| compare("#{path}.#{name}", value, got[name]) }
  elsif want.is_a?(Array) && got.is_a?(Array) && want.size == got.size
    want.zip(got).each_with_index { |(w, g), i| compare("#{path}[#{i}]", w, g) }
  elsif want != got
    raise "#{path} is #{got.inspect}, want #{want.inspect}"
  end
end

def check(step_call)
  name = step_call['call']
  begin
    with = step_call.fetch('with', {}).transform_keys(&:to_sym)
    outcome = { result: call(name, with, SCENARIO['keys'][step_call.fetch('key', 'all')]) }
  rescue TgoError => e
    outcome = { error: { status: e.status, message: e.message, fields: e.fields, required_scopes: e.required_scopes } }
  end
  outcome = JSON.parse(JSON.generate(outcome))
  compare(name, step_call['expect'], outcome)
  return unless step_call['arrived']

  id = outcome.dig('result', 'id')
  compare("#{name} arrived", step_call['arrived'], arrivals.find { |m| m['id'] == id })
end

# Makes all calls of a step and returns the first failure.
def play(step)
  first = nil
  step['calls'].each do |c|
    c.fetch('times', 1).times do
      check(c)
    rescue StandardError => e
      first ||= e
    end
  end
  first
end

failed = false
SCENARIO['steps'].each do |step|
  wrong = play(step)
  failed ||= !wrong.nil?
  puts "step #{step['name']} #{wrong ? "FAIL #{wrong.class}: #{wrong.message}".tr("\n", ' ') : 'ok'}"
end
exit(!failed)
