# frozen_string_literal: true

# What to write by hand around the generated gem: a client with a key, and one exception.

$LOAD_PATH.unshift(File.join(__dir__, 'generated/lib')) # Bundler does that for an installed gem
require 'tgo_api'
require 'uri'

# A refusal by the API.
class TgoError < StandardError
  # required_scopes is of a 403: the scopes that the key must have.
  attr_reader :status, :fields, :required_scopes

  def initialize(status, said, required_scopes)
    super(said.message)
    @status = status
    @fields = said.errors || {}
    @required_scopes = required_scopes
  end
end

# The generated client with what it has no setting for.
class TgoClient < TgoApi::ApiClient
  def build_request(http_method, path, opts = {})
    super.tap do |request|
      request.options.update(
        followlocation: false, # a redirect would take the key along to another host
        forbid_reuse: true, # curl repeats what it sent on a connection that turns out dead
        multipart: opts.dig(:header_params, 'Content-Type') == 'multipart/form-data' # else a form without a file is none
      )
    end
  end
end

# Makes generated clients.
class Tgo
  # scopes says what each operation needs, by operationId.
  def initialize(url, key, scopes)
    @scopes = scopes
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

  # Makes a call and turns the generated exception into ours, where it is an answer of the API.
  def explain(operation)
    yield
  rescue TgoApi::ApiError => e
    begin
      said = TgoApi::Error.build_from_hash(JSON.parse(e.response_body.to_s))
    rescue JSON::ParserError, ArgumentError
      said = nil
    end
    raise e unless said # no answer, or a proxy's HTML

    raise TgoError.new(e.code, said, e.code == 403 ? @scopes.fetch(operation, []) : [])
  end
end
