<?php

namespace App\Http\Requests;

use App\Models\ApiKey;
use Illuminate\Foundation\Http\FormRequest;
use Illuminate\Validation\Rule;

class CreateApiKeyRequest extends FormRequest
{
    public function authorize(): bool
    {
        return true;
    }

    public function rules(): array
    {
        return [
            'name' => ['required', 'string', 'max:255'],
            'scopes' => ['array'],
            'scopes.*' => ['string', Rule::in(ApiKey::SCOPES)],
            'expires_in_days' => ['integer', 'between:1,365'],
        ];
    }
}
