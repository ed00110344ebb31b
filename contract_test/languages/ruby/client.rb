# frozen_string_literal: true

# The hand-written part around the generated gem: a client with a key, and one exception. Copy it.

$LOAD_PATH.unshift(File.join(__dir__, 'generated/lib')) # not needed for an installed gem
require 'tgo_api'
require 'uri'

# A refusal by the API.
class TgoError < StandardError
  # required_scopes are the scopes that the key needs; they are set for a 403 only.
  attr_reader :status, :fields, :required_scopes

  def initialize(status, said, required_scopes)
    super(said.message)
    @status = status
    @fields = said.errors || {}
    @required_scopes = required_scopes
  end
end

# The generated client with options that it has no setting for.
class TgoClient < TgoApi::ApiClient
  def build_request(http_method, path, opts = {})
    super.tap do |request|
      request.options.update(
        followlocation: false, # a redirect would send the key to another host
        forbid_reuse: true, # curl repeats a request if a kept connection turns out to be closed
        multipart: opts.dig(:header_params, 'Content-Type') == 'multipart/form-data' # otherwise a form without a file is not sent as multipart
      )
    end
  end
end

# Makes generated clients.
class Tgo
  # The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops.
  REQUIRED_SCOPES = {
    'sendMessage' => ['messages.send'],
    'listMessages' => ['messages.read'],
    'lookupContact' => ['contacts.lookup'],
    'getUsage' => ['usage.read'],
    'registerSenderNumber' => ['messages.send']
  }.freeze

  def initialize(url, key)
    uri = URI(url)
    @client = TgoClient.new(TgoApi::Configuration.new do |c|
      c.scheme = uri.scheme
      c.host = "#{uri.host}:#{uri.port}"
      c.base_path = uri.path
      c.api_key['X-Api-Key'] = key
    end)
  end

  # One of the generated classes.
  def api(generated)
    generated.new(@client)
  end

  # Makes a call. Raises a TgoError in place of the generated exception if the API refused the request.
  def explain(operation)
    yield
  rescue TgoApi::ApiError => e
    begin
      said = TgoApi::Error.build_from_hash(JSON.parse(e.response_body.to_s))
    rescue JSON::ParserError, ArgumentError
      said = nil
    end
    raise e unless said # no response, or the HTML page of a proxy

    raise TgoError.new(e.code, said, e.code == 403 ? REQUIRED_SCOPES.fetch(operation, []) : [])
  end
end
