<?php

namespace App\Http\Requests;

use Illuminate\Foundation\Http\FormRequest;

class LookupContactRequest extends FormRequest
{
    use NamesSender;

    public function authorize(): bool
    {
        return true;
    }

    public function rules(): array
    {
        return ['phone' => ['required', 'string', 'regex:/^\+[1-9]\d{6,14}$/']] + $this->senderRules();
    }
}
