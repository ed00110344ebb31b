<?php

namespace App\Http\Requests;

use Illuminate\Foundation\Http\FormRequest;

class SendMessageRequest extends FormRequest
{
    use NamesSender;

    public function authorize(): bool
    {
        return true;
    }

    public function rules(): array
    {
        return $this->senderRules() + [
            'to_phone' => ['required', 'string', 'regex:/^\+[1-9]\d{6,14}$/'],
            'type' => ['required', 'in:text,image,voice,document'],
            'content' => ['required_if:type,text', 'nullable', 'string'],
            'duration' => ['required_if:type,voice', 'nullable', 'integer', 'between:1,300'],
            'media' => ['required_unless:type,text', 'prohibited_if:type,text', 'file'],
            'file_name' => ['nullable', 'string'],
            'file_size' => ['nullable', 'integer', 'min:0'],
            'file_type' => ['nullable', 'string'],
        ];
    }
}
